import { assertAlmostEquals, assertEquals } from "@std/assert";
import { judgeIncrements, nextValue, spreadOf } from "../../../lib/metrics/comparison/increment.ts";
import { golden } from "../../golden_values_fixture.ts";

Deno.test("spread: mean and unbiased deviation", () => {
  const { mean, deviation, seeds } = spreadOf([2, 4, 4, 4, 5, 5, 7, 9]);
  assertEquals([mean, seeds], [5, 8]);
  assertAlmostEquals(deviation, Math.sqrt(32 / 7), 1e-12);
  assertEquals(spreadOf([3]).deviation, NaN);
});

Deno.test("three seeds: the 90 % interval of Student's t decides", () => {
  // mean 1, deviation 0.5: half the interval is 2.92 * 0.5 / sqrt(3) = 0.843
  assertEquals(judgeIncrements([0.5, 1, 1.5], "up"), "agrees");
  assertEquals(judgeIncrements([0.5, 1, 1.5], "down"), "disagrees");
  // mean 1, deviation 0.6: half is 1.0115
  assertEquals(judgeIncrements([0.4, 1, 1.6], "up"), "too noisy to tell");
  assertEquals(judgeIncrements([-0.5, -1, -1.5], "down"), "agrees");
});

Deno.test("the same: the whole interval within the tolerance, or the whole of it outside", () => {
  assertEquals(judgeIncrements([0.1, 0, -0.1], "same"), "agrees");
  assertEquals(judgeIncrements([3.1, 3, 2.9], "same"), "disagrees");
  assertEquals(judgeIncrements([0.5, 1, 1.5], "same"), "too noisy to tell");
  assertEquals(judgeIncrements([0.5, 1, 1.5], "same", 2), "agrees");
});

Deno.test("no difference: an interval around 0 within what is negligible, and only where that is said", () => {
  // half the interval is 2.92 * 0.1 / sqrt(3) = 0.169
  const small = [-0.1, 0, 0.1];
  assertEquals(judgeIncrements(small, "up", 1, 0.2), "no difference");
  assertEquals(judgeIncrements(small, "down", 1, 0.2), "no difference");
  assertEquals(judgeIncrements(small, "up", 1, 0.16), "too noisy to tell");
  assertEquals(judgeIncrements(small, "up"), "too noisy to tell");
  // An effect that is small but sure is an effect.
  assertEquals(judgeIncrements([0.4, 0.5, 0.6], "up", 1, 1), "agrees");
  assertEquals(judgeIncrements([0.4, 0.5, 0.6], "down", 1, 1), "disagrees");
});

Deno.test("many seeds are judged no surer than by Student's t", () => {
  // 11 seeds, 10 degrees: t = 1.812. Mean 1, deviation chosen so that half the interval is 1.002.
  const spread = Math.sqrt(10 / 11) * 1.002 * Math.sqrt(11) / 1.812;
  const values = Array.from(
    { length: 10 },
    (_, i) => 1 + (i % 2 ? 1 : -1) * spread * Math.sqrt(1.1),
  );
  const eleven = [...values, 1];
  const { mean, deviation } = spreadOf(eleven);
  assertAlmostEquals(mean, 1, 1e-12);
  assertAlmostEquals(1.812 * deviation / Math.sqrt(11), 1.002, 1e-9);
  assertEquals(judgeIncrements(eleven, "up"), "too noisy to tell");
});

Deno.test("one seed, or none, is too few to judge", () => {
  assertEquals(judgeIncrements([5], "up"), "too noisy to tell");
  assertEquals(judgeIncrements([], "up"), "not run");
});

Deno.test("one more value: the prediction interval, as scipy has it", () => {
  const { next } = golden<
    { readonly next: { readonly values: number[]; readonly low: number; readonly high: number }[] }
  >("advice/advice");
  for (const { values, low, high } of next) {
    const found = nextValue(values);
    // Quantiles are kept with four digits.
    assertAlmostEquals(found.low, low, 2e-3 * (high - low));
    assertAlmostEquals(found.high, high, 2e-3 * (high - low));
  }
  assertEquals(nextValue([3]).low, NaN);
});
