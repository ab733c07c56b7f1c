/** Steps and views that fit into a time, against sums by hand. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { sampler } from "../../../lib/images/packs/sampler.ts";
import { stepsWithin, viewsWithin } from "../../../lib/training/budget/fit_steps.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

/** Two whole batches of four a pass; where there are nine images, another one is left out every time. */
const runOf = (images: number, fittedBatches = 0) => ({
  speed: { startSeconds: 10, stepSeconds: 1, newViewSeconds: 3, fitSeconds: 5 },
  order: sampler(randomStream(0), { images, batchSize: 4 }),
  images,
  fittedBatches,
});

Deno.test("without kept features every step takes the same, after the first", () => {
  const run = { ...runOf(8), speed: { startSeconds: 10, stepSeconds: 2 } };
  const within = (seconds: number) =>
    stepsWithin(seconds, run, { views: undefined, missing: 1 }).steps;
  assertEquals([9, 11.9, 12, 13.9, 14, 1000].map(within), [0, 0, 1, 1, 2, 495]);
});

Deno.test("new views take longer than those that come back, by the share that is missing", () => {
  const within = (views: number, missing: number, atMost?: number) =>
    stepsWithin(30, runOf(8), { views, missing, atMost });
  // 10 to begin, 3 + 3 for the pass of new views, 14 steps of those that come back.
  assertEquals(within(1, 1), { steps: 16, seconds: 30 });
  // Three passes of new views take 18; 2 steps are left.
  assertEquals(within(3, 1), { steps: 8, seconds: 30 });
  assertEquals(within(3, 0), { steps: 20, seconds: 30 });
  assertEquals(within(3, 0.5), { steps: 14, seconds: 30 });
  assertEquals(within(3, 1, 3), { steps: 3, seconds: 19 });
});

Deno.test("images that a pass leaves out make later batches new ones", () => {
  // Of nine images one is left out; the batch that brings it later is computed.
  const { steps, seconds } = stepsWithin(Infinity, runOf(9), { views: 1, missing: 1, atMost: 30 });
  assertEquals([steps, seconds], [30, 10 + 30 + 3 * 2]);
});

Deno.test("what frozen stages give is computed once more at each size, of views that are not new to the run", () => {
  const half = { share: 0.5, stepSeconds: 1 };
  const bySize = [{ ...half, size: 8 }, { ...half, size: 16, frozenSeconds: 1 }];
  const run = runOf(8), rising = { ...run, speed: { ...run.speed, bySize } };
  const within = (views: number, missing: number) => stepsWithin(30, rising, { views, missing });
  // 10 to begin, 3 + 3 for the pass of new views, 12 that come back, 2 of them for the first time at 16 px.
  assertEquals(within(1, 1), { steps: 14, seconds: 30 });
  // Six steps of new views take 18, one that comes back 1; of the second half, 3.5 steps, 2.5 are new.
  assertEquals(within(3, 1), { steps: 7, seconds: 30 });
  // Half as much: 12 for six steps, 5 that come back; of the second half, 5.5 steps, 0.5 are new.
  assertEquals(within(3, 0.5), { steps: 11, seconds: 29.5 });
  assertEquals(within(3, 0), { steps: 20, seconds: 30 });
});

Deno.test("what the standardiser is fitted to takes its time before, and is there for the steps", () => {
  // 5 + 1 for each of three steps, of which the third comes back anyway; then 1 each.
  assertEquals(stepsWithin(30, runOf(8, 3), { views: 1, missing: 1 }), { steps: 5, seconds: 30 });
  // A run of fewer steps than the fit has batches is fitted to as many as it has.
  assertEquals(stepsWithin(23, runOf(8, 9), { views: 1, missing: 1 }), { steps: 2, seconds: 22 });
});

Deno.test("views are as many as their share of the time is enough for, and no more than passes", () => {
  const speed = { startSeconds: 10, stepSeconds: 1, newViewSeconds: 3 };
  const views = (seconds: number, share: number) =>
    viewsWithin(seconds, share, { speed, stepsPerEpoch: 10 });
  // Features of a view take 20; half of 100 are enough for two, all for five, but only three passes fit.
  assertEquals([views(110, 0.5), views(110, 1), views(110, 0.1)], [2, 3, 1]);
  const cheap = { startSeconds: 0, stepSeconds: 1, newViewSeconds: 1 };
  assertEquals(viewsWithin(100, 0.5, { speed: cheap, stepsPerEpoch: 10 }), 10);
});

Deno.test("a long run is planned in a moment, and its seconds are those of its steps", () => {
  const { steps, seconds } = stepsWithin(1e6, runOf(8), { views: 2, missing: 1 });
  assertEquals(steps, 1e6 - 10 - 8);
  assertAlmostEquals(seconds, 1e6, 1e-6);
});
