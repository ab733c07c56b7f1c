import { assertEquals } from "@std/assert";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { HostBatch } from "../../lib/training/batch.ts";
import { reportStep } from "../../lib/training/report.ts";

Deno.test("a report counts updates from 1, and the images and passes that they took", () => {
  const recipe = defineRecipe({
    name: "small",
    images: { sources: [{ path: "images" }], size: 16 },
    teachers: ["a"],
    student: { width: 8, depth: 1, heads: 2, patchSize: 8 },
    optimization: { batchSize: 4, steps: 12 },
  });
  const plan = {
    steps: 12,
    stepsPerEpoch: 8,
    warmupSteps: 0,
    peakLearningRate: 1,
    minimumLearningRate: 0,
  };
  const scheduled = { learningRate: 0.5, standardizerWeight: 0.25, dropProbability: 0.75 };
  const host = { step: 5, scheduled } as HostBatch;
  const measurements = { loss: 1, losses: {}, shares: {}, gradientNorm: 2 };
  const timing = { imagesPerSecond: 3, waitingShare: 0, seconds: 4, secondsLeft: 5 };
  assertEquals(reportStep({ recipe, plan }, { host, measurements }, timing), {
    ...{ step: 6, steps: 12, epoch: 0.75, images: 24, loss: 1, losses: {}, shares: {} },
    ...{ gradientNorm: 2, learningRate: 0.5, standardizerWeight: 0.25 },
    ...timing,
  });
});

Deno.test("a report names teachers in the order of the recipe, not in that of the alphabet", () => {
  const teachers = [{ name: "z" }, { name: "a" }];
  const recipe = { teachers, optimization: { batchSize: 4 } } as never;
  const host = { step: 0, scheduled: {} } as HostBatch;
  const byName = <Value>(a: Value, z: Value) => ({ a, z });
  const measurements = {
    ...{ loss: 1, gradientNorm: 2 },
    losses: byName({ total: 1 }, { total: 2 }),
    shares: byName(0.25, 0.75),
  };
  const { losses, shares } = reportStep(
    { recipe, plan: { steps: 1, stepsPerEpoch: 1 } as never },
    { host, measurements },
    { imagesPerSecond: 3, waitingShare: 0, seconds: 4, secondsLeft: 5 },
  );
  assertEquals(Object.entries(losses), [["z", { total: 2 }], ["a", { total: 1 }]]);
  assertEquals(Object.entries(shares), [["z", 0.75], ["a", 0.25]]);
});
