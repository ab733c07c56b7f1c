import { adoptAll } from "../ffi/eager.ts";
import { type Bytes, cName, cString, type Pointer } from "../ffi/c_api.ts";
import { describeCall } from "../ffi/data_types.ts";
import { type Node, packOutputs } from "./graph.ts";
import type { Handle, Runtime } from "../ffi/runtime.ts";
import type { Trace } from "./trace.ts";

/** A serialised AttrValue { bool b = 5 } of true. */
const attributeTrue = Uint8Array.of(0x28, 1);

/** A function of TensorFlow made of a trace. */
export class CompiledFunction {
  private readonly nativeName: Bytes;
  private readonly held: Pointer[];
  private readonly outputCount: number;
  private running = 0;
  private disposed = false;

  constructor(
    private readonly runtime: Runtime,
    readonly name: string,
    trace: Trace,
    outputs: readonly Node[],
    options: { xla: boolean },
  ) {
    const captures = [...trace.captures.values()];
    const inputs = [...trace.inputs, ...captures.map(({ node }) => node)];
    this.nativeName = cString(name);
    this.outputCount = outputs.length;
    const { c, context, status } = runtime;
    // deno-fmt-ignore: one call, its arguments as in the C header
    const native = c.TF_GraphToFunction(
      trace.graph.pointer, this.nativeName, 0, -1, null, inputs.length, packOutputs(inputs),
      outputs.length, packOutputs(outputs), null, null, null, status,
    );
    runtime.check(`Cannot compile ${name}`);
    try {
      if (options.xla) {
        const attribute = cName("_XlaMustCompile");
        c.TF_FunctionSetAttrValueProto(native, attribute, attributeTrue, 2n, status);
        runtime.check(`Cannot compile ${name} with XLA`);
      }
      c.TFE_ContextAddFunction(context, native, status);
      runtime.check(`Cannot compile ${name}`);
    } finally {
      c.TF_DeleteFunction(native);
    }
    this.held = captures.map(({ held }) => held);
    trace.captures.clear(); // they are ours now
  }

  /**
   * Runs the function on another thread. The inputs are retained before this returns, so the
   * caller may dispose of them; errors come with the promise.
   */
  run(inputs: readonly Handle[]): Promise<Handle[]> {
    if (this.disposed) throw new Error(`Cannot run ${this.name}: it has been disposed of`);
    const status = this.runtime.c.TF_NewStatus();
    try {
      return this.execute(this.prepare(inputs, status), inputs, status);
    } catch (error) {
      this.runtime.c.TF_DeleteStatus(status);
      throw error;
    }
  }

  /** Lets go of captured tensors and of the function, after the calls that are under way. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    if (this.running === 0) this.free();
  }

  private prepare(inputs: readonly Handle[], status: Pointer): Pointer {
    const { c, context, accelerator } = this.runtime;
    const operation = c.TFE_NewOp(context, this.nativeName, status);
    this.runtime.check(`Cannot run ${this.name}`, status);
    try {
      if (accelerator !== undefined) c.TFE_OpSetDevice(operation, cName(accelerator), status);
      for (const { pointer } of inputs) c.TFE_OpAddInput(operation, pointer, status);
      for (const pointer of this.held) c.TFE_OpAddInput(operation, pointer, status);
      this.runtime.check(`Cannot run ${this.name}`, status);
      return operation;
    } catch (error) {
      c.TFE_DeleteOp(operation);
      throw error;
    }
  }

  private async execute(
    operation: Pointer,
    inputs: readonly Handle[],
    status: Pointer,
  ): Promise<Handle[]> {
    const { c } = this.runtime;
    // Written from another thread: both lie in memory of their own, which the garbage collector
    // does not move, and both are used after the call, so that it does not free them either.
    const outputs = new BigUint64Array(new ArrayBuffer(8 * this.outputCount));
    const count = new Int32Array(new ArrayBuffer(4));
    count[0] = this.outputCount;
    this.running++;
    try {
      await c.TFE_ExecuteOffThread(operation, outputs, count, status);
      this.runtime.check(() => `Cannot run ${describeCall(this.name, inputs)}`, status);
      return adoptAll(this.runtime, outputs.subarray(0, count[0]));
    } finally {
      c.TFE_DeleteOp(operation);
      c.TF_DeleteStatus(status);
      this.running--;
      if (this.disposed && this.running === 0) this.free();
    }
  }

  private free(): void {
    for (const pointer of this.held) this.runtime.release(pointer);
    this.runtime.removeFunction(this.name);
  }
}
