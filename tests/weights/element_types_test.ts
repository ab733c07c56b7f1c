/** The 8-bit floats by the tables of their format (Micikevicius et al., FP8 formats for deep learning, 2022). */
import { assertEquals } from "@std/assert";
import { widen } from "../../lib/weights/element_types.ts";

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
