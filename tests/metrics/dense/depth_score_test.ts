import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { depthScore } from "../../../lib/metrics/dense/depth_score.ts";

Deno.test("the error is the mean over images of the root of the mean square", () => {
  const { rmse, errors } = depthScore(
    Float32Array.of(1, 2, 3, 4),
    Float32Array.of(1, 4, 6, 8),
    2,
  );
  assertEquals([...errors], [Math.SQRT2, Math.sqrt(12.5)]);
  assertAlmostEquals(rmse, (Math.SQRT2 + Math.sqrt(12.5)) / 2, 1e-12);
});

Deno.test("numbers that are not finite are refused, on either side", () => {
  const [good, bad] = [Float32Array.of(1, 2), Float32Array.of(1, NaN)];
  assertThrows(() => depthScore(good, bad, 1), UserError, "not finite");
  assertThrows(() => depthScore(bad, good, 1), UserError, "not finite");
  assertThrows(() => depthScore(good, Float32Array.of(1), 1), UserError, "2 true and 1 predicted");
});
