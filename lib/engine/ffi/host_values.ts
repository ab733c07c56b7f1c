import { DataType, dataTypeName } from "./data_types.ts";

/** Numbers of a tensor as the host holds them. */
export type HostNumbers =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>;

/** Values of a tensor as the host holds them: numbers, or one byte string per element. */
export type HostValues = HostNumbers | Uint8Array[];

/** How many elements a shape has. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** The raw bytes of a numeric tensor as tfjs's number typed arrays. */
export function numbersFromBytes(dtype: number, bytes: ArrayBuffer): HostNumbers {
  switch (dtype) {
    case DataType.float32:
    case DataType.complex64: // real and imaginary parts in turn
      return new Float32Array(bytes);
    case DataType.float64:
      return new Float64Array(bytes);
    case DataType.int32:
      return new Int32Array(bytes);
    case DataType.int64:
      return new BigInt64Array(bytes);
    case DataType.bool:
    case DataType.uint8:
    case DataType.resource:
      return new Uint8Array(bytes);
    case DataType.bfloat16:
      return new Uint16Array(bytes);
  }
  throw new Error(`Cannot read a tensor of ${dataTypeName(dtype)}: cast it to float32 or int32`);
}

/**
 * Brings values of tfjs (typed arrays, arrays of numbers or booleans) into the layout
 * of the element type, and checks the number of values against the shape.
 */
export function numbersForType(
  values: unknown,
  dtype: number,
  shape: readonly number[],
): HostNumbers {
  const numbers = convert(values as ArrayLike<number>, dtype);
  // complex64 has two numbers per element, and so has int64 where it comes as pairs of int32.
  const pairs = dtype === DataType.complex64 ||
    (dtype === DataType.int64 && numbers instanceof Int32Array);
  const expected = elementCount(shape) * (pairs ? 2 : 1);
  if (numbers.length !== expected) {
    throw new Error(
      `Cannot make a tensor of ${dataTypeName(dtype)} [${shape.join(", ")}]: found ` +
        `${numbers.length} values, expected ${expected}`,
    );
  }
  return numbers;
}

function convert(values: ArrayLike<number>, dtype: number): HostNumbers {
  switch (dtype) {
    case DataType.float32:
    case DataType.complex64:
      return values instanceof Float32Array ? local(values) : Float32Array.from(values);
    case DataType.float64:
      return Float64Array.from(values);
    case DataType.int32:
      return values instanceof Int32Array ? local(values) : Int32Array.from(values);
    case DataType.int64:
      if (values instanceof Int32Array) return local(values);
      return values instanceof BigInt64Array
        ? values as BigInt64Array<ArrayBuffer>
        : BigInt64Array.from(values, BigInt);
    case DataType.bool:
      return Uint8Array.from(values, (value) => value ? 1 : 0);
    case DataType.uint8:
      return values instanceof Uint8Array ? local(values) : Uint8Array.from(values);
  }
  throw new Error(`Cannot make a tensor of ${dataTypeName(dtype)} from values`);
}

/** Shared memory is no obstacle for a copy, but it is for a foreign call. */
function local<T extends Float32Array | Int32Array | Uint8Array>(values: T): T & HostNumbers {
  return (values.buffer instanceof ArrayBuffer ? values : values.slice()) as T & HostNumbers;
}
