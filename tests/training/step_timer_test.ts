import { assertEquals } from "@std/assert";
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
