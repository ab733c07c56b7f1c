/** Numbers in 16 bits, and back. */

/**
 * Formats of 16 bits: "float16" has 5 bits of exponent and 10 of mantissa (up to 65504), "bfloat16" 8
 * and 7 (up to 3.39e38).
 */
export type HalfPrecision = "float16" | "bfloat16";

/** Bits of the exponent: all of them are set in infinities and NaN. */
const exponents: Record<HalfPrecision, number> = { float16: 0x7c00, bfloat16: 0x7f80 };

/** Numbers rounded to 16 bits: to the nearest, ties to even. */
export function narrow(values: Float32Array, precision: HalfPrecision): Uint16Array<ArrayBuffer> {
  if (precision === "float16") return new Uint16Array(new Float16Array(values).buffer);
  const copy = values.slice();
  const bits = new Uint32Array(copy.buffer);
  const halves = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) {
    const whole = bits[i]!;
    // A carry into the exponent gives the next power of two, or infinity. A NaN must stay one.
    const isNaN = (whole & 0x7fffffff) > 0x7f800000;
    halves[i] = isNaN ? 0x7fc0 : (whole + 0x7fff + ((whole >>> 16) & 1)) >>> 16;
  }
  return halves;
}

/** Writes the numbers of 16 bits each, which float32 holds exactly, to the beginning of `into`. */
export function widen(halves: Uint16Array, precision: HalfPrecision, into: Float32Array): void {
  if (precision === "bfloat16") {
    const bits = new Uint32Array(into.buffer, into.byteOffset, halves.length);
    for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
    return;
  }
  // Looked up: V8 converts an array of them at a sixth of the speed.
  const table = float16Table ??= new Float32Array(
    new Float16Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer),
  );
  for (let i = 0; i < halves.length; i++) into[i] = table[halves[i]!]!;
}

let float16Table: Float32Array | undefined;

/** Whether none of the numbers is infinite or NaN. */
export function allFinite(halves: Uint16Array, precision: HalfPrecision): boolean {
  const exponent = exponents[precision];
  for (let i = 0; i < halves.length; i++) {
    if ((halves[i]! & exponent) === exponent) return false;
  }
  return true;
}
