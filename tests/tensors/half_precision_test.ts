/** Rounding to 16 bits, beside PyTorch's. */
import { assertEquals } from "@std/assert";
import golden from "../golden/tensors/half_precision.json" with { type: "json" };
import { allFinite, narrow, widen } from "../../lib/tensors/half_precision.ts";

const values = new Float32Array(Uint32Array.from(golden.float32).buffer);

for (const precision of ["float16", "bfloat16"] as const) {
  Deno.test(`${precision} rounds as PyTorch does, ties to even`, () => {
    assertEquals([...narrow(values, precision)], golden[precision]);
  });

  Deno.test(`${precision} comes back as the number that its bits stand for`, () => {
    const [exponentBits, bias] = precision === "float16" ? [5, 15] : [8, 127];
    const mantissaBits = 15 - exponentBits;
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const finite = all.filter((half) => allFinite(Uint16Array.of(half), precision));
    assertEquals(finite.length, 65536 - 2 * 2 ** mantissaBits);
    const wide = new Float32Array(finite.length);
    widen(finite, precision, wide);
    const expected = Float32Array.from(finite, (half) => {
      const exponent = (half >> mantissaBits) & (2 ** exponentBits - 1);
      const mantissa = (half & (2 ** mantissaBits - 1)) / 2 ** mantissaBits;
      const size = exponent === 0
        ? mantissa * 2 ** (1 - bias)
        : (1 + mantissa) * 2 ** (exponent - bias);
      return half >> 15 ? -size : size;
    });
    assertEquals(wide, expected);
    assertEquals(narrow(wide, precision), finite);
  });

  Deno.test(`${precision} of NaN, infinities and what rounds up to them is not finite`, () => {
    const largest = precision === "float16" ? 65519 : 3.39e38;
    const smallestBeyond = precision === "float16" ? 65520 : 3.4e38;
    assertEquals(allFinite(narrow(Float32Array.of(largest, -largest), precision), precision), true);
    for (const bad of [NaN, Infinity, -Infinity, smallestBeyond, -smallestBeyond]) {
      assertEquals(
        allFinite(narrow(Float32Array.of(1, bad), precision), precision),
        false,
        `${bad}`,
      );
    }
    const payload = new Float32Array(Uint32Array.of(0x7f800001, 0xffffffff).buffer);
    for (const [i] of payload.entries()) {
      assertEquals(allFinite(narrow(payload.subarray(i, i + 1), precision), precision), false);
    }
  });
}

Deno.test("a NaN stays one, whatever its bits", () => {
  const bits = Uint32Array.of(0x7fc00000, 0x7f800001, 0xffffffff, 0xff800001);
  for (const precision of ["float16", "bfloat16"] as const) {
    const wide = new Float32Array(bits.length);
    widen(narrow(new Float32Array(bits.buffer), precision), precision, wide);
    assertEquals([...wide], [NaN, NaN, NaN, NaN], precision);
  }
});
