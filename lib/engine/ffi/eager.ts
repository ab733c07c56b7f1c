import { type Attribute, setAttribute } from "./attributes.ts";
import { cName, type Pointer } from "./c_api.ts";
import { describeCall } from "./data_types.ts";
import type { Handle, Runtime } from "./runtime.ts";

/** Runs one op now. Errors name it with the types and shapes of its inputs. */
export function executeEagerly(
  runtime: Runtime,
  op: string,
  attributes: readonly Attribute[],
  inputs: readonly number[],
  outputCount: number,
): Handle[] {
  const { c, status } = runtime;
  const handles: Handle[] = [];
  for (const id of inputs) handles.push(runtime.get(id));
  const attempt = () => `Cannot run ${describeCall(op, handles)}`;
  const operation = c.TFE_NewOp(runtime.context, cName(op), status);
  runtime.check(attempt);
  try {
    for (const { pointer } of handles) {
      c.TFE_OpAddInput(operation, pointer, status);
      runtime.check(attempt);
    }
    for (const attribute of attributes) setAttribute(runtime.setters, operation, attribute);
    const { outputs, count } = slots(outputCount);
    c.TFE_Execute(operation, outputs, count, status);
    runtime.check(attempt);
    return adoptAll(runtime, outputs);
  } finally {
    c.TFE_DeleteOp(operation);
  }
}

interface Slots {
  /** Where TFE_Execute writes the addresses of the outputs. */
  readonly outputs: BigUint64Array<ArrayBuffer>;
  /** How many there is room for; TFE_Execute writes how many there are. */
  readonly count: Int32Array<ArrayBuffer>;
}

// An op costs a few microseconds, so the room for its outputs is made once for each number of them.
const slotsByCount = new Map<number, Slots>();

function slots(outputCount: number): Slots {
  let slots = slotsByCount.get(outputCount);
  if (slots === undefined) {
    slots = { outputs: new BigUint64Array(outputCount), count: new Int32Array(1) };
    slotsByCount.set(outputCount, slots);
  }
  slots.count[0] = outputCount;
  return slots;
}

/** Takes charge of the handles whose addresses an execution wrote. */
export function adoptAll(runtime: Runtime, outputs: BigUint64Array): Handle[] {
  const handles: Handle[] = [];
  for (const address of outputs) handles.push(runtime.adopt(pointerTo(address)));
  return handles;
}

function pointerTo(address: bigint): Pointer {
  return Deno.UnsafePointer.create(address);
}
