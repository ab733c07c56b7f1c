import { type CApi, cString, loadCApi, type Pointer, readCString } from "./c_api.ts";
import { type AttributeSetters, eagerSetters } from "./attributes.ts";
import { type OpDefinitions, readOpDefinitions } from "./op_definitions.ts";

/** A tensor that TensorFlow holds: its address, shape and type. */
export interface Handle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
  readonly pointer: Pointer;
}

/** An error that TensorFlow reported, or that the engine found before asking it. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

/** One TensorFlow context with its devices, op definitions and live tensor handles. */
export class Runtime {
  readonly c: CApi;
  readonly context: Pointer;
  /** Names of all devices, CPU first. */
  readonly devices: readonly string[];
  /** The device that tensors are copied to, undefined where only the host computes. */
  readonly accelerator: string | undefined;
  /** Status of the calls that block; a call on another thread has a status to itself. */
  readonly status: Pointer;
  /** Set attributes of ops that run at once. */
  readonly setters: AttributeSetters;
  private readonly handles = new Map<number, Handle>();
  private readonly functions = new Set<string>();
  private nextId = 1;
  private definitions: OpDefinitions | undefined;

  constructor(paths: { framework: string; library: string }) {
    const c = this.c = loadCApi(paths);
    this.status = c.TF_NewStatus();
    this.setters = eagerSetters(c, this.status);
    const options = c.TFE_NewContextOptions();
    this.context = c.TFE_NewContext(options, this.status);
    c.TFE_DeleteContextOptions(options);
    this.check("Cannot start TensorFlow");
    const devices = listDevices(this);
    this.devices = devices.map(({ name }) => name);
    this.accelerator = devices.find(({ type }) => type === "GPU")?.name;
  }

  get version(): string {
    return readCString(this.c.TF_Version());
  }

  /** Number of tensors that TensorFlow holds for us. */
  get live(): number {
    return this.handles.size;
  }

  get opDefinitions(): OpDefinitions {
    return this.definitions ??= readOpDefinitions(this.c);
  }

  /** Throws the error of `status`, if it holds one. */
  check(attempt: string | (() => string), status: Pointer = this.status): void {
    if (this.c.TF_GetCode(status) === 0) return;
    const reason = readCString(this.c.TF_Message(status));
    throw new EngineError(`${typeof attempt === "string" ? attempt : attempt()}: ${reason}`);
  }

  /** A number for a tensor, never used twice. */
  newId(): number {
    return this.nextId++;
  }

  /** Takes charge of a TFE_TensorHandle. */
  adopt(pointer: Pointer): Handle {
    const { c, status } = this;
    const rank = c.TFE_TensorHandleNumDims(pointer, status);
    const shape: number[] = [];
    for (let axis = 0; axis < rank; axis++) {
      shape.push(Number(c.TFE_TensorHandleDim(pointer, axis, status)));
    }
    const dtype = c.TFE_TensorHandleDataType(pointer);
    const handle = { id: this.nextId++, shape, dtype, pointer };
    this.handles.set(handle.id, handle);
    return handle;
  }

  get(id: number): Handle {
    const handle = this.handles.get(id);
    if (handle === undefined) throw new EngineError(`Tensor ${id} has been disposed of`);
    return handle;
  }

  /** A second handle on the same tensor; `release` frees it. */
  share(id: number): Pointer {
    const copy = this.c.TFE_TensorHandleCopySharingTensor(this.get(id).pointer, this.status);
    this.check("Cannot hold a tensor");
    return copy;
  }

  release(pointer: Pointer): void {
    this.c.TFE_DeleteTensorHandle(pointer);
  }

  /** Deletes a tensor; one that is gone already stays gone. */
  delete(id: number): void {
    const handle = this.handles.get(id);
    if (handle === undefined) return;
    this.handles.delete(id);
    this.c.TFE_DeleteTensorHandle(handle.pointer);
  }

  /** A name for a function, `title` with a number that no other function in the context has. */
  nameFunction(title: string): string {
    let number = 0;
    while (this.functions.has(`${title}_${number}`)) number++;
    const name = `${title}_${number}`;
    this.functions.add(name);
    return name;
  }

  /** Removes a function from the context. */
  removeFunction(name: string): void {
    this.functions.delete(name);
    this.c.TFE_ContextRemoveFunction(this.context, cString(name), this.status);
    this.check(`Cannot remove the function ${name}`);
  }

  close(): void {
    for (const id of [...this.handles.keys()]) this.delete(id);
    this.c.TFE_DeleteContext(this.context);
    this.c.TF_DeleteStatus(this.status);
  }
}

function listDevices({ c, context, status }: Runtime): { name: string; type: string }[] {
  const list = c.TFE_ContextListDevices(context, status);
  const devices = Array.from({ length: c.TF_DeviceListCount(list) }, (_, index) => ({
    name: readCString(c.TF_DeviceListName(list, index, status)),
    type: readCString(c.TF_DeviceListType(list, index, status)),
  }));
  c.TF_DeleteDeviceList(list);
  return devices;
}
