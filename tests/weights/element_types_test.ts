/** Small floats, the 8-bit ones by the tables of their format (Micikevicius et al., FP8 formats for deep learning, 2022). */
import { assertEquals } from "@std/assert";
import { toFloat32, widen } from "../../lib/weights/element_types.ts";

const numbers = (
  type: "float8_e4m3fn" | "float8_e5m2",
  ...bytes: number[]
) => [...widen(type, Uint8Array.from(bytes).buffer)];

Deno.test("8-bit floats: zeros, smallest, largest, infinite and none", () => {
  const e4m3 = numbers("float8_e4m3fn", 0, 0x80, 1, 7, 8, 0x38, 0xb8, 0x3c, 0x7e, 0x7f, 0xff);
  assertEquals(e4m3, [0, -0, 2 ** -9, 7 * 2 ** -9, 2 ** -6, 1, -1, 1.5, 448, NaN, NaN]);
  const e5m2 = numbers("float8_e5m2", 0, 0x80, 1, 3, 4, 0x3c, 0xbc, 0x3e, 0x7b, 0x7c, 0xfc, 0x7d);
  assertEquals(e5m2, [
    ...[0, -0, 2 ** -16, 3 * 2 ** -16, 2 ** -14, 1, -1, 1.5, 57344, Infinity, -Infinity, NaN],
  ]);
});

Deno.test("unsigned integers beyond those that have signs", () => {
  const bytes = new Uint8Array(8).fill(0xff).buffer;
  assertEquals([...widen("uint16", bytes)], [65535, 65535, 65535, 65535]);
  assertEquals([...widen("uint32", bytes)], [4294967295, 4294967295]);
  assertEquals([...widen("uint64", bytes)], [2 ** 64]);
});

Deno.test("16-bit floats: the upper half of a float32, and IEEE's half", () => {
  // 1, -2, 3.140625, 2^-126 (the smallest with all its digits), infinity.
  const upper = Uint16Array.of(0x3f80, 0xc000, 0x4049, 0x0080, 0x7f80).buffer;
  assertEquals([...toFloat32("bfloat16", upper)], [1, -2, 3.140625, 2 ** -126, Infinity]);
  // 1, -2, 65504 (the largest), 2^-24 (the smallest), infinity.
  const half = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00).buffer;
  assertEquals([...toFloat32("float16", half)], [1, -2, 65504, 2 ** -24, Infinity]);
});
