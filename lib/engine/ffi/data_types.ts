/** TensorFlow's numbers for element types (TF_DataType). */
export const DataType = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

const names = new Map<number, string>(Object.entries(DataType).map(([name, type]) => [type, name]));

/** The name of an element type, for messages. */
export function dataTypeName(type: number): string {
  return names.get(type) ?? `type ${type}`;
}

/** A tensor in a message: `float32 [2, 3]`. */
function describeTensor(tensor: { shape: readonly number[]; dtype: number }): string {
  return `${dataTypeName(tensor.dtype)} [${tensor.shape.join(", ")}]`;
}

/** A call in a message: `MatMul(float32 [2, 3], float32 [4, 5])`. */
export function describeCall(
  op: string,
  inputs: readonly { shape: readonly number[]; dtype: number }[],
): string {
  return `${op}(${inputs.map(describeTensor).join(", ")})`;
}
