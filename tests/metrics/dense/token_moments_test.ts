import { assertAlmostEquals, assertEquals } from "@std/assert";
import { tokenMoments } from "../../../lib/metrics/dense/token_moments.ts";

Deno.test("moments are the mean and the variance over all tokens, far from zero too", () => {
  const { mean, scale } = tokenMoments({ tokens: Float32Array.of(1, 1e5, 3, 1e5 + 4), width: 2 });
  assertEquals([...mean], [2, 100002]);
  // Variances 1 and 4, plus 1e-5.
  assertAlmostEquals(scale[0]!, 1 / Math.sqrt(1.00001), 1e-7);
  assertAlmostEquals(scale[1]!, 1 / Math.sqrt(4.00001), 1e-7);
});
