import { assertAlmostEquals, assertEquals } from "@std/assert";
import { StepTimer } from "../../lib/training/step_timer.ts";

Deno.test("the second step replaces the first, which compiles; later ones are averaged", () => {
  let now = 5000;
  const timer = new StepTimer(64, () => now);
  const lap = (milliseconds: number, waited: number) => {
    now += milliseconds;
    return timer.lap(waited, 10);
  };
  assertEquals(lap(8000, 0).secondsLeft, 80);
  assertEquals(lap(500, 600), {
    imagesPerSecond: 128,
    waitingShare: 1,
    seconds: 8.5,
    secondsLeft: 5,
  });
  assertEquals(lap(1000, 100).imagesPerSecond, 64, "the first of the average");
  const { imagesPerSecond, waitingShare } = lap(2000, 200);
  assertAlmostEquals(imagesPerSecond, 64 / 1.5, 1e-9, "the mean of 1 s and 2 s");
  assertAlmostEquals(waitingShare, 0.1, 1e-12);
});
