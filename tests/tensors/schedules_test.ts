import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  cosineSchedule,
  scaledLearningRate,
  scheduledValue,
  warmupCosine,
} from "../../lib/tensors/schedules.ts";

Deno.test("the learning rate of the paper's schedule (item 35)", () => {
  const schedule = {
    steps: 500_400,
    warmupSteps: 25_020,
    peak: scaledLearningRate(3e-4, 512),
    minimum: 1e-6,
  };
  const at = (step: number) => warmupCosine({ step, ...schedule });
  assertEquals(at(0), 0);
  assertEquals(at(25_019), 6e-4);
  assertEquals(at(25_020), 6e-4);
  assertAlmostEquals(at(262_710), 3.005e-4, 1e-12);
  assertAlmostEquals(at(500_399), 1e-6, 1e-10);
  assert(at(500_399) > 1e-6);
  assertAlmostEquals(at(12_510), 6e-4 * 12_510 / 25_019, 1e-12);
});

Deno.test("a schedule may lack a warm-up, or have one step of it", () => {
  const schedule = { steps: 10, peak: 1, minimum: 0 };
  assertEquals(warmupCosine({ step: 0, warmupSteps: 0, ...schedule }), 1);
  assertEquals(warmupCosine({ step: 0, warmupSteps: 1, ...schedule }), 0);
  assertEquals(warmupCosine({ step: 1, warmupSteps: 1, ...schedule }), 1);
});

Deno.test("the weight of a batch in the statistics (item 4)", () => {
  const expected = [[0, 1], [25, 0.854], [50, 0.5005], [75, 0.147], [90, 0.0254], [99, 0.0012]];
  const weightAt = (step: number, steps: number) =>
    cosineSchedule({ step, steps, start: 1, end: 0.001 });
  for (const [percent, weight] of expected as [number, number][]) {
    assertAlmostEquals(weightAt(percent, 100), weight, weight > 0.1 ? 5e-4 : 1e-4);
  }
  // 0.001 + 0.4995 (1 + cos) with cos(π / 4) = √½.
  assertAlmostEquals(weightAt(25, 100), 0.001 + 0.4995 * (1 + Math.SQRT1_2), 1e-12);
  for (let step = 0; step < 1000; step++) assert(weightAt(step, 1000) >= 0.001);
});

Deno.test("the cosine runs from start to end", () => {
  const options = { steps: 8, start: 2, end: -2 };
  assertEquals(cosineSchedule({ step: 0, ...options }), 2);
  assertAlmostEquals(cosineSchedule({ step: 4, ...options }), 0, 1e-12);
  assertEquals(cosineSchedule({ step: 8, ...options }), -2);
});

Deno.test("a linear schedule would reach its end one step after the last", () => {
  const schedule = { start: 1, end: 0, curve: "linear" } as const;
  assertEquals([0, 5, 9].map((step) => scheduledValue(schedule, step, 10)), [1, 0.5, 1 - 9 / 10]);
  assertAlmostEquals(scheduledValue({ start: 0.2, end: 0.6, curve: "linear" }, 1, 4), 0.3, 1e-12);
  assertAlmostEquals(scheduledValue({ ...schedule, curve: "cosine" }, 5, 10), 0.5, 1e-12);
  assertEquals(scheduledValue(0.7, 3, 10), 0.7);
});
