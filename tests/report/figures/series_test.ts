import { assertEquals } from "@std/assert";
import { smooth } from "../../../lib/report/figures/series.ts";

const steps = Array.from({ length: 101 }, (_, i) => i);

Deno.test("a mean takes so many values on either side, cut at the ends", () => {
  const values = steps.map((step) => step === 50 ? 11 : 0);
  // A tenth of 101 values: five on either side.
  const { x, y } = smooth(steps, values, { window: 0.1 });
  assertEquals(x, steps);
  assertEquals(y.map((value) => value > 0).indexOf(true), 45);
  assertEquals([y[44], y[45], y[50], y[55], y[56]], [0, 1, 1, 1, 0]);
  assertEquals(smooth(steps, steps, { window: 0.1 }).y[0], 2.5, "the mean of 0 to 5");
});

Deno.test("a long line is thinned out from its first point to its last", () => {
  const { x, y } = smooth(steps, steps, { points: 3, window: 0 });
  assertEquals([x, y], [[0, 50, 100], [0, 50, 100]]);
});

Deno.test("what is not finite is left out, zero is not", () => {
  assertEquals(smooth([1, 2, 3], [0, NaN, 3], { window: 0.5 }).y, [0, 1.5, 3]);
  assertEquals(smooth([1, 2, 3], [NaN, NaN, 3], { window: 0 }), { x: [3], y: [3] });
});
