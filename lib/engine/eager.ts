import { type Attribute, type AttributeSetters, setAttribute } from "./attributes.ts";
import { cName, type Pointer } from "./c_api.ts";
import { describeCall } from "./data_types.ts";
import type { Handle, Runtime } from "./runtime.ts";

/** Runs one op now. Errors name it with the types and shapes of its inputs. */
export function executeEagerly(
  runtime: Runtime,
  setters: AttributeSetters,
  op: string,
  attributes: readonly Attribute[],
  inputs: readonly number[],
  outputCount: number,
): Handle[] {
  const { c, status } = runtime;
  const handles = inputs.map((id) => runtime.get(id));
  const attempt = () => `Cannot run ${describeCall(op, handles)}`;
  const operation = c.TFE_NewOp(runtime.context, cName(op), status);
  runtime.check(attempt);
  try {
    for (const { pointer } of handles) {
      c.TFE_OpAddInput(operation, pointer, status);
      runtime.check(attempt);
    }
    for (const attribute of attributes) setAttribute(setters, operation, attribute);
    const outputs = new BigUint64Array(outputCount);
    c.TFE_Execute(operation, outputs, Int32Array.of(outputCount), status);
    runtime.check(attempt);
    return adoptAll(runtime, outputs);
  } finally {
    c.TFE_DeleteOp(operation);
  }
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
