/** Images that rise in size, beside other options: left in every phase, and resumed to the same end. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { type Backbone, convolutionalBackbone } from "../../lib/teachers/backbone.ts";
import { distill } from "../../lib/training/distill.ts";
import type { Forecast } from "../../lib/training/forecast/forecast.ts";
import { forecastLines } from "../../lib/training/forecast/words.ts";
import { cacheFiles, type EndedRun, runToEnd, withOwnCache } from "./shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "./tiny_distillation_fixture.ts";

/** The mean colours of 4 x 4 places of images of 32 px. */
function fine(): Backbone {
  return convolutionalBackbone({
    ...{ name: "fine", family: "mean", licence: "CC0-1.0", digest: "fine" },
    input: { size: 32, mean: [0, 0, 0], std: [1, 1, 1] },
    ...{ width: 3, stride: 8, parameters: {} },
    featureMap: (_, images) => tf.avgPool(images, 8, 8, "same"),
  });
}

const teachers = [fine(), madeUpTeacher()];

function rising(folder: string, more: Partial<RecipeInput> = {}): Recipe {
  const { images, student, ...recipe } = recipeOver(folder);
  return defineRecipe({
    ...recipe,
    images: { ...images, size: 32, views: 2 },
    teachers: teachers.map(({ name }) => name),
    student: { ...student, depth: 2, dropPath: 0.2, resolutions: [16, 24, 32] },
    ...more,
  });
}

const transformer = { width: 8, depth: 2, heads: 2, patchSize: 8, resolutions: [8, 16, 32] };
const frozen = {
  ...{ kind: "resnet_cifar", blocks: 1, freeze: 2 } as const,
  resolutions: [{ size: 12, until: 0.4 }, { size: 20, until: 0.8 }, 32],
};
/** Options, and the steps after which a run is left: phases end after 4 and 8, or 4 and 9. */
const combinations: readonly (readonly [string, number[], Partial<RecipeInput>])[] = [
  ["a transformer and teachers of two grids", [2, 4, 6, 8, 9], {}],
  ["masks, kept features, fitted statistics", [4], {
    student: { ...transformer, tokenMask: 0.5, freeze: 1 },
    ...{ featureCache: true, standardizer: { kind: "fixed", batches: 6 } },
  }],
  ["teachers dropped patch by patch", [6], {
    ...{ teachers: ["fine"], student: transformer, balancing: { level: "patch" } },
    ladder: { kind: "transformer" },
  }],
  ["frozen stages, kept features, statistics of the ladder, teachers that stop", [6], {
    ...{ student: frozen, featureCache: true },
    balancing: { stop: { heldOut: 2, every: 3, patience: 1 } },
  }],
];
for (const [name, leaveAfter, options] of combinations) {
  Deno.test(`rising images: ${name}: left after ${leaveAfter.join()} and resumed to the same end`, () =>
    withOwnCache(async (folder) => {
      await writeImages(folder, { count: 10 });
      const recipe = rising(folder, options), names = recipe.teachers.map(({ name }) => name);
      const used = { teachers: teachers.filter(({ name }) => names.includes(name)) };
      const { liveTensors } = await startEngine(), before = liveTensors();
      const whole = await runToEnd(recipe, { ...used, folder: `${folder}/whole` });
      assert(whole.reports.every(({ loss, gradientNorm }) => loss > 0 && gradientNorm > 0));
      assertEquals(liveTensors(), before, "no tensor is left behind");
      const left = { ...used, folder: `${folder}/left`, resume: true };
      for (const last of leaveAfter) {
        for await (const { step } of distill(recipe, left)) if (step === last) break;
      }
      assertEquals((await runToEnd(recipe, left)).digest, whole.digest);
    }));
}

Deno.test("a change of size is told, forecast, and changes what is learnt; features are kept by size", () =>
  withOwnCache(async (folder) => {
    await writeImages(folder, { count: 10 });
    const notes: string[] = [], forecasts: Forecast[] = [];
    const recipe = rising(folder, { student: frozen, featureCache: true });
    const run = await runToEnd(recipe, {
      ...{ teachers, folder: `${folder}/run` },
      onNote: (line) => notes.push(line),
      onForecast: (forecast) => forecasts.push(forecast),
    });
    assertEquals(notes.filter((line) => line.startsWith("step")), [
      "step 4: the student's images have 20 px from here on",
      "step 9: the student's images have 32 px from here on",
    ]);
    assertEquals(forecasts[0]?.parts.find(({ name }) => name === "student")?.inputSizes, [
      12,
      20,
      32,
    ]);
    assert(forecastLines(forecasts[0]!)[1]?.includes("student at 12/20/32 px"));
    assertEquals(
      cacheFiles(folder).length,
      2 + 3,
      "two teachers, and the frozen stages at each size",
    );
    const { resolutions: _, ...oneSize } = frozen;
    const plain = rising(folder, { student: oneSize, featureCache: true });
    const other = await runToEnd(plain, { teachers, folder: `${folder}/plain` });
    assertEquals(cacheFiles(folder).length, 2 + 3, "the last size is that of a run of one size");
    assert(other.digest !== run.digest);
    // The first size for longer: the same up to the step at which the size changed.
    const longer = {
      ...frozen,
      resolutions: [{ size: 12, until: 0.8 }, { size: 20, until: 0.9 }, 32],
    };
    const late = await runToEnd(rising(folder, { student: longer, featureCache: true }), {
      ...{ teachers, folder: `${folder}/longer` },
    });
    const losses = ({ reports }: EndedRun) => reports.slice(0, 5).map(({ loss }) => loss);
    assertEquals(losses(late).slice(0, 4), losses(run).slice(0, 4));
    assert(losses(late)[4] !== losses(run)[4]);
  }));
