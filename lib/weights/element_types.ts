/**
 * Element types of files of weights, and their conversion to numbers in memory. The platforms of
 * the package are little-endian, like the formats.
 *
 * @module
 */

/** Element types that can be read, by PyTorch's names. */
export type ElementType =
  | "float64"
  | "float32"
  | "float16"
  | "bfloat16"
  | "float8_e4m3fn"
  | "float8_e5m2"
  | "int64"
  | "int32"
  | "int16"
  | "int8"
  | "uint64"
  | "uint32"
  | "uint16"
  | "uint8"
  | "bool";

/** Numbers of a tensor in memory, row-major. */
export type TensorData = Float64Array | Float32Array | BigInt64Array | Int32Array | Uint8Array;

/** Bytes of one element. */
export const elementBytes: Readonly<Record<ElementType, number>> = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  float8_e4m3fn: 1,
  float8_e5m2: 1,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint64: 8,
  uint32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

/**
 * Reads the elements in `buffer`: halves and quarters widened to float32, short integers to int32,
 * and unsigned ones of 32 and 64 bits to float64, which rounds those beyond 2 to the power of 53.
 */
export function widen(type: ElementType, buffer: ArrayBuffer): TensorData {
  switch (type) {
    case "float64":
      return new Float64Array(buffer);
    case "float32":
      return new Float32Array(buffer);
    case "float16":
      return new Float32Array(new Float16Array(buffer));
    case "bfloat16":
      return widenBfloat16(new Uint16Array(buffer));
    case "float8_e4m3fn":
      return widenByTable(buffer, quarters.float8_e4m3fn);
    case "float8_e5m2":
      return widenByTable(buffer, quarters.float8_e5m2);
    case "uint64":
      return Float64Array.from(new BigUint64Array(buffer), Number);
    case "uint32":
      return new Float64Array(new Uint32Array(buffer));
    case "uint16":
      return new Int32Array(new Uint16Array(buffer));
    case "int64":
      return new BigInt64Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "int16":
      return new Int32Array(new Int16Array(buffer));
    case "int8":
      return new Int32Array(new Int8Array(buffer));
    case "uint8":
    case "bool":
      return new Uint8Array(buffer);
  }
}

/** Reads the elements in `buffer` as float32, which rounds float64 and large integers. */
export function toFloat32(type: ElementType, buffer: ArrayBuffer): Float32Array {
  const numbers = widen(type, buffer);
  if (numbers instanceof Float32Array) return numbers;
  if (!(numbers instanceof BigInt64Array)) return new Float32Array(numbers);
  const floats = new Float32Array(numbers.length);
  for (let i = 0; i < floats.length; i++) floats[i] = Number(numbers[i]);
  return floats;
}

/** A bfloat16 number is the upper half of a float32. */
function widenBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

/** The number of each byte of the two 8-bit floats. */
const quarters = {
  float8_e4m3fn: Float32Array.from({ length: 256 }, (_, byte) => quarterAt(byte)),
  // The upper half of a float16.
  float8_e5m2: new Float32Array(
    new Float16Array(Uint16Array.from({ length: 256 }, (_, byte) => byte << 8).buffer),
  ),
};

/** Four bits of exponent, three of fraction, no infinity: NaN where all but the sign are set. */
function quarterAt(byte: number): number {
  const sign = byte < 128 ? 1 : -1, exponent = byte >> 3 & 15, fraction = byte & 7;
  if (exponent === 15 && fraction === 7) return NaN;
  return exponent === 0
    ? sign * fraction * 2 ** -9
    : sign * (1 + fraction / 8) * 2 ** (exponent - 7);
}

function widenByTable(buffer: ArrayBuffer, table: Float32Array): Float32Array {
  return Float32Array.from(new Uint8Array(buffer), (byte) => table[byte]!);
}
