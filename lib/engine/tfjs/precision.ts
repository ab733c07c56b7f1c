import { type Attribute, AttributeType } from "../ffi/attributes.ts";
import { DataType } from "../ffi/data_types.ts";
import type { TensorRecord } from "./recorder.ts";

/** The type in which matrix products are computed; everything else stays float32. */
export type Precision = "float32" | "bfloat16";

const matMuls = new Set(["MatMul", "BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"]);

/** Runs or records the ops of a product; a binding is one. */
export interface OpRunner {
  /** bfloat16 copies of tensors, by id: each is cast once. */
  readonly casts: Map<number, number>;
  /** Runs or records an op as it is. */
  execute(
    op: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputCount: number,
  ): TensorRecord[];
  deleteTensor(id: number): void;
}

/** Whether an op is a matrix product of float32 tensors. */
export function isMatMul(op: string, attributes: readonly Attribute[]): boolean {
  return matMuls.has(op) &&
    attributes.some(({ name, value }) => name === "T" && value === DataType.float32);
}

/**
 * A matrix product in bfloat16 (8 bits of mantissa) with a float32 result. A tensor that takes
 * part in several products, as weights do in forward and backward pass, is cast once.
 */
export function castInputs(
  runner: OpRunner,
  op: string,
  attributes: readonly Attribute[],
  inputs: readonly number[],
): TensorRecord[] {
  const operands = inputs.map((id) => {
    let narrow = runner.casts.get(id);
    if (narrow === undefined) {
      narrow = cast(runner, id, DataType.float32, DataType.bfloat16)[0]!.id;
      runner.casts.set(id, narrow);
    }
    return narrow;
  });
  const retyped = attributes.map((attribute) =>
    attribute.name === "T" ? { ...attribute, value: DataType.bfloat16 } : attribute
  );
  const product = runner.execute(op, retyped, operands, 1)[0]!;
  const wide = cast(runner, product.id, DataType.bfloat16, DataType.float32);
  runner.deleteTensor(product.id);
  return wide;
}

function cast(runner: OpRunner, id: number, from: number, to: number): TensorRecord[] {
  const attributes = [
    { name: "SrcT", type: AttributeType.type, value: from },
    { name: "DstT", type: AttributeType.type, value: to },
  ];
  return runner.execute("Cast", attributes, [id], 1);
}
