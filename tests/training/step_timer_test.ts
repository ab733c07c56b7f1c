import { assertAlmostEquals, assertEquals } from "@std/assert";
import { StepTimer } from "../../lib/training/step_timer.ts";

Deno.test("no time left is given before the fifth step, and none of it by the steps that compile", () => {
  let now = 0;
  const timer = new StepTimer(10, () => now);
  const left = [60_000, 30_000, 1000, 1000, 1000, 1000].map((milliseconds, i) => {
    now += milliseconds;
    return timer.lap(0, 99 - i).secondsLeft;
  });
  assertEquals(left, [NaN, NaN, NaN, NaN, 95, 94]);
});

Deno.test("the last step leaves no time, however short the run", () => {
  let now = 0;
  const timer = new StepTimer(10, () => now);
  now += 2000;
  assertEquals(timer.lap(0, 0), {
    imagesPerSecond: 5,
    waitingShare: 0,
    seconds: 2,
    secondsLeft: 0,
  });
});

Deno.test("the second step replaces the first, which compiles; later ones are averaged", () => {
  let now = 5000;
  const timer = new StepTimer(64, () => now);
  const lap = (milliseconds: number, waited: number) => {
    now += milliseconds;
    return timer.lap(waited, 10);
  };
  lap(8000, 0);
  assertEquals(lap(500, 600), {
    imagesPerSecond: 128,
    waitingShare: 1,
    seconds: 8.5,
    secondsLeft: NaN,
  });
  assertEquals(lap(1000, 100).imagesPerSecond, 64, "the first of the average");
  const { imagesPerSecond, waitingShare } = lap(2000, 200);
  assertAlmostEquals(imagesPerSecond, 64 / 1.5, 1e-9, "the mean of 1 s and 2 s");
  assertAlmostEquals(waitingShare, 0.1, 1e-12);
  assertAlmostEquals(lap(3000, 0).secondsLeft, 20, 1e-9, "ten steps of 2 s");
});
