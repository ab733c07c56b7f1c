import { adoptAll } from "../ffi/eager.ts";
import { type Bytes, cName, cString, type Pointer } from "../ffi/c_api.ts";
import { describeCall } from "../ffi/data_types.ts";
import { type Node, packOutputs } from "./graph.ts";
import type { Handle, Runtime } from "../ffi/runtime.ts";
import { assignOutputs, intoVariable, outOfVariable, type Reuse } from "./reused_memory.ts";
import type { Trace } from "./trace.ts";

/** A serialised AttrValue { bool b = 5 } of true. */
const attributeTrue = Uint8Array.of(0x28, 1);

/** A function of TensorFlow made of a trace. */
export class CompiledFunction {
  /** The name by which TensorFlow knows it, and the same as C has it. */
  private readonly nativeName: string;
  private readonly nativeText: Bytes;
  private readonly held: Pointer[];
  private readonly outputCount: number;
  /** Inputs that lie in variables while it runs. */
  private readonly variables: readonly number[];
  private readonly reuses: readonly Reuse[];
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
    this.variables = trace.variables.map(({ position }) => position);
    this.reuses = assignOutputs(trace, outputs);
    outputs = outputs.filter((_, i) => !this.reuses.some(({ output }) => output === i));
    this.outputCount = outputs.length;
    const { c, context, status } = runtime;
    // What XLA compiles is kept under the function's name, so the name says what is in it.
    const digest = trace.graph.digest.end(inputs, outputs, [options.xla]).slice(0, 32);
    this.nativeName = runtime.nameFunction(`${name.replace(/[^A-Za-z0-9_]/g, "_")}_${digest}`);
    this.nativeText = cString(this.nativeName);
    // deno-fmt-ignore: one call, its arguments as in the C header
    const native = c.TF_GraphToFunction(
      trace.graph.pointer, this.nativeText, 0, -1, null, inputs.length, packOutputs(inputs),
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
   *
   * @param onRetained disposes of inputs whose memory is reused, which it is only where nobody else holds them
   */
  run(inputs: readonly Handle[], onRetained: () => void = () => {}): Promise<Handle[]> {
    if (this.disposed) throw new Error(`Cannot run ${this.name}: it has been disposed of`);
    const status = this.runtime.c.TF_NewStatus();
    const variables = new Map<number, Handle>();
    const free = () => variables.forEach(({ id }) => this.runtime.delete(id));
    try {
      for (const place of this.variables) {
        variables.set(place, intoVariable(this.runtime, inputs[place]!));
      }
      const passed = inputs.map((input, place) => variables.get(place) ?? input);
      const operation = this.prepare(passed, status);
      onRetained();
      return this.execute(operation, inputs, status)
        .then((outputs) => this.allOutputs(outputs, inputs, variables))
        .finally(free);
    } catch (error) {
      free();
      this.runtime.c.TF_DeleteStatus(status);
      throw error;
    }
  }

  /** The outputs in their order, those that lie in variables among them. */
  private allOutputs(
    outputs: readonly Handle[],
    inputs: readonly Handle[],
    variables: ReadonlyMap<number, Handle>,
  ): Handle[] {
    const rest = outputs[Symbol.iterator](), byOutput = new Map<number, Handle>();
    for (const { input, output } of this.reuses) {
      const variable = variables.get(input)!, { dtype } = inputs[input]!;
      byOutput.set(output, outOfVariable(this.runtime, variable, dtype));
    }
    const count = outputs.length + byOutput.size;
    return Array.from({ length: count }, (_, i) => byOutput.get(i) ?? rest.next().value!);
  }

  /** Lets go of captured tensors and of the function, after the calls that are under way. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    if (this.running === 0) this.free();
  }

  private prepare(inputs: readonly Handle[], status: Pointer): Pointer {
    const { c, context, accelerator } = this.runtime;
    const operation = c.TFE_NewOp(context, this.nativeText, status);
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
    this.runtime.removeFunction(this.nativeName);
  }
}
