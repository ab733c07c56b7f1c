/** The interval over images and seeds, against numpy with its own draws. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { meanDifference } from "../../../lib/metrics/comparison/mean_difference.ts";
import { seededDifference } from "../../../lib/metrics/comparison/seeded_difference.ts";
import golden from "../../golden/metrics/seeded_difference.json" with { type: "json" };

Deno.test("difference, seeds and interval are numpy's", () => {
  const { difference, bySeed, low, high } = seededDifference(golden.tasks, 0, {
    resamples: 20_000,
  });
  assertAlmostEquals(difference, golden.difference, 1e-12);
  bySeed.forEach((one, i) => assertAlmostEquals(one, golden.bySeed[i]!, 1e-12));
  // Draws of their own: the ends vary by about a hundredth of the width.
  const width = golden.high - golden.low;
  assertAlmostEquals(low, golden.low, 0.03 * width);
  assertAlmostEquals(high, golden.high, 0.03 * width);
});

Deno.test("of seeds alone the spread is that of a mean of them, which n draws would make too small", () => {
  // Every image of a seed has the same difference: only seeds vary.
  const [first, second] = [[0.1, 0.5, 0.3, 0.9], [0, 0, 0, 0]].map((values) =>
    values.map((value) => Array<number>(5).fill(value))
  );
  const draws = (level: number) =>
    seededDifference([{ task: "a", first: first!, second: second! }], 3, {
      ...{ resamples: 40_000, level },
    });
  const values = [0.1, 0.5, 0.3, 0.9], mean = 0.45;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3 / 4;
  // Quantiles of draws of three out of four: 64 equally likely ones, of known variance.
  const all = values.flatMap((a) => values.flatMap((b) => values.map((c) => (a + b + c) / 3)));
  const spread = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
  assertAlmostEquals(spread, variance, 1e-12);
  const sorted = all.toSorted((a, b) => a - b);
  const { low, high } = draws(0.8);
  assertAlmostEquals(low, sorted[6]!, 1e-12);
  assertAlmostEquals(high, sorted[57]!, 1e-12);
});

Deno.test("images of a task are the same for all seeds of a draw: equal seeds are as one network", () => {
  const half = Array.from({ length: 50 }, (_, i) => i % 2);
  const more = half.map((right, i) => i % 5 === 0 ? 1 - right : right);
  const one = { task: "a", first: more, second: half },
    times = (scores: number[]) => Array(3).fill(scores);
  const { bySeed, ...difference } = seededDifference([
    { ...one, first: times(more), second: times(half) },
  ], 4);
  const of = meanDifference([one], 4);
  for (const end of ["difference", "low", "high", "p"] as const) {
    assertAlmostEquals(difference[end], of[end], 1e-12);
  }
  assertEquals(new Set(bySeed).size, 1);
});

Deno.test("one seed, other images and no task are refused", () => {
  const [one, two] = [[1, 0], [1, 0, 1]];
  for (
    const tasks of [
      [],
      [{ task: "a", first: [one], second: [one] }],
      [{ task: "a", first: [one, one], second: [one, two] }],
      [{ task: "a", first: [one, one], second: [one] }],
      [{ task: "a", first: [[], []], second: [[], []] }],
      [{ task: "a", first: [one, [NaN, 0]], second: [one, one] }],
      [{ task: "a", first: [one, one], second: [one, one] }, {
        ...{ task: "b", first: [one, one, one], second: [one, one, one] },
      }],
    ]
  ) assertThrows(() => seededDifference(tasks, 0), UserError, "Cannot compare two ways to train");
});
