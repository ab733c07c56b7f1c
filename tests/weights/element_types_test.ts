import { assertEquals } from "@std/assert";
import { elementBytes, toFloat32, widen } from "../../lib/weights/element_types.ts";

Deno.test("bytes of every type are the numbers that they stand for", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values).buffer;
  const cases = [
    ["float64", bytes(0, 0, 0, 0, 0, 0, 0xf8, 0xbf), -1.5],
    ["float32", bytes(0, 0, 0xc0, 0xbf), -1.5],
    ["float16", bytes(0, 0xbe), -1.5],
    ["bfloat16", bytes(0xc0, 0xbf), -1.5],
    ["int64", bytes(0xfe, ...Array(7).fill(0xff)), -2],
    ["int32", bytes(0xfe, 0xff, 0xff, 0xff), -2],
    ["int16", bytes(0xfe, 0xff), -2],
    ["int8", bytes(0xfe), -2],
    ["uint8", bytes(0xfe), 254],
    ["bool", bytes(1), 1],
  ] as const;
  for (const [type, buffer, value] of cases) {
    assertEquals(buffer.byteLength, elementBytes[type], type);
    assertEquals(Number(widen(type, buffer)[0]), value, type);
    assertEquals(toFloat32(type, buffer), Float32Array.of(value), type);
  }
});
