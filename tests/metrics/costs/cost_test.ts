import { assertEquals } from "@std/assert";
import { sumOfCosts, sumOfKnown } from "../../../lib/metrics/costs/cost.ts";
import { sumOfDeployments } from "../../../lib/metrics/costs/deployment.ts";

Deno.test("a sum with an unknown part is unknown", () => {
  assertEquals([sumOfKnown([1, 2]), sumOfKnown([1, undefined]), sumOfKnown([])], [3, undefined, 0]);
  const rows = [{ model: "a", parameters: 1, gflop: 2 }, { model: "b", parameters: 3 }];
  assertEquals(sumOfCosts("both", rows), {
    model: "both",
    parameters: 4,
    gflop: undefined,
    milliseconds: undefined,
  });
});

Deno.test("networks one after the other: times add up, and so do the times of images", () => {
  const row = { model: "a", parameters: 1, gflop: 2, p50: 3, p95: 4, imagesPerSecond: 30 };
  const { p50, p95, imagesPerSecond, gflop } = sumOfDeployments("both", [
    row,
    { ...row, p50: 5, p95: 6, imagesPerSecond: 60 },
  ]);
  // 1/30 s and 1/60 s for an image are 1/20 s.
  assertEquals([p50, p95, Math.round(imagesPerSecond * 1e9) / 1e9, gflop], [8, 10, 20, 4]);
});
