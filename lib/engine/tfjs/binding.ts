import { type Attribute, AttributeType } from "../ffi/attributes.ts";
import { DataType } from "../ffi/data_types.ts";
import { executeEagerly } from "../ffi/eager.ts";
import type { HostValues } from "../ffi/host_values.ts";
import { castInputs, isMatMul, type Precision } from "./precision.ts";
import { EngineError, type Runtime } from "../ffi/runtime.ts";
import { download, upload } from "../ffi/transfer.ts";
import type { Recorder, TensorRecord } from "./recorder.ts";

/**
 * The native interface of tfjs-node-gpu's `NodeJSKernelBackend` (TFJSBinding), over Deno FFI. While
 * `trace` is set, ops are recorded instead of run.
 */
export class Binding {
  readonly TF_FLOAT = DataType.float32;
  readonly TF_INT32 = DataType.int32;
  readonly TF_INT64 = DataType.int64;
  readonly TF_BOOL = DataType.bool;
  readonly TF_COMPLEX64 = DataType.complex64;
  readonly TF_STRING = DataType.string;
  readonly TF_RESOURCE = DataType.resource;
  readonly TF_UINT8 = DataType.uint8;
  readonly TF_ATTR_STRING = AttributeType.string;
  readonly TF_ATTR_INT = AttributeType.int;
  readonly TF_ATTR_FLOAT = AttributeType.float;
  readonly TF_ATTR_BOOL = AttributeType.bool;
  readonly TF_ATTR_TYPE = AttributeType.type;
  readonly TF_ATTR_SHAPE = AttributeType.shape;
  readonly TF_ATTR_RESOURCE = -1; // no such attribute; kept for the interface
  readonly TF_Version: string;

  trace: Recorder | undefined;
  precision: Precision = "float32";
  /** bfloat16 copies of tensors, by id: each is cast once. */
  readonly casts = new Map<number, number>();

  constructor(readonly runtime: Runtime) {
    this.TF_Version = runtime.version;
  }

  createTensor(shape: number[], dtype: number, values: unknown): number {
    const { trace, runtime } = this;
    return (trace ? trace.constant(shape, dtype, values) : upload(runtime, shape, dtype, values))
      .id;
  }

  deleteTensor(id: number): void {
    if (this.trace?.has(id)) this.trace.delete(id);
    else this.runtime.delete(id);
    this.dropCast(id);
  }

  tensorDataSync(id: number): HostValues {
    return this.trace?.has(id) ? this.trace.read(id) : download(this.runtime, id);
  }

  executeOp(
    op: string,
    attributes: Attribute[],
    inputs: number[],
    outputCount: number,
  ): TensorRecord[] {
    if (this.precision === "bfloat16" && isMatMul(op, attributes)) {
      return castInputs(this, op, attributes, inputs);
    }
    return this.execute(op, attributes, inputs, outputCount);
  }

  /** Runs or records an op as it is. */
  execute(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorRecord[] {
    return this.trace === undefined
      ? executeEagerly(this.runtime, op, attributes, inputs, outputCount)
      : this.trace.add(op, attributes, inputs, outputCount);
  }

  /** Forgets all bfloat16 copies. */
  dropCasts(): void {
    for (const id of this.casts.keys()) this.dropCast(id);
  }

  isUsingGpuDevice(): boolean {
    return this.runtime.accelerator !== undefined;
  }

  getNumOfTensors(): number {
    return this.runtime.live;
  }

  getNumOfSavedModels(): number {
    return 0;
  }

  loadSavedModel(path: string): number {
    return noSavedModels(path);
  }

  runSavedModel(): TensorRecord[] {
    return noSavedModels();
  }

  deleteSavedModel(): void {
    noSavedModels();
  }

  private dropCast(id: number): void {
    const cast = this.casts.get(id);
    if (cast === undefined) return;
    this.casts.delete(id);
    this.deleteTensor(cast);
  }
}

function noSavedModels(path?: string): never {
  const model = path === undefined ? "a SavedModel" : `the SavedModel "${path}"`;
  throw new EngineError(
    `Cannot load or run ${model}: this engine runs tfjs functions only. Load the weights from ` +
      `safetensors instead`,
  );
}
