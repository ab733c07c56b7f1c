import { assertAlmostEquals, assertEquals } from "@std/assert";
import { defineRecipe } from "../../mod.ts";
import { calibrationCount } from "../../lib/compression/compress_run.ts";
import { recoveryRecipe } from "../../lib/compression/recovery_recipe.ts";
import { contradictions } from "../../lib/recipe/consistency.ts";
import type { RunPlan } from "../../lib/runs/run_plan.ts";

const shape = { width: 96, depth: 2, heads: 3, patchSize: 4 } as const;
const recipe = defineRecipe({
  name: "digits",
  images: { sources: [{ path: "digits.zip" }], size: 32, views: 7 },
  teachers: ["digits"],
  student: shape,
  optimization: { batchSize: 64, epochs: 3, warmupEpochs: 1 },
});
const config = {
  ...{ imageSize: 32, ...shape },
  ...{ hiddenWidths: [192, 160], headCounts: [2, 2], queryWidths: [32, 24] },
};
const plan: RunPlan = {
  ...{ minutes: 25, steps: 100, views: 5, expectedSeconds: 1, measuringSeconds: 1 },
  ...{ startSeconds: 1, stepSeconds: 1 },
};
const recovery = {
  name: "again",
  from: "/p.safetensors",
  before: "/s.safetensors",
  config,
  minutes: 4,
  plan: undefined,
};

/** The recipe of a student that was recovered once, in a run that began with the projectors of another. */
const recipeOnce = {
  ...recoveryRecipe(recipe, recovery),
  ladder: { ...recipe.ladder, from: "/earlier" },
};

Deno.test("a recovery is the run again, for so many minutes, from the pruned student", () => {
  const own = recoveryRecipe(recipe, recovery);
  assertEquals(own.student, {
    ...recipe.student,
    ...{ from: "/p.safetensors", source: "before_pruning" },
    ...{ hiddenWidths: [192, 160], headCounts: [2, 2], queryWidths: [32, 24] },
  });
  assertEquals(own.budget, { minutes: 4, teacherShare: 0.5 });
  const before = { name: "before_pruning", checkpoint: "student:/s.safetensors" };
  assertEquals(own.teachers, [before]);
  assertEquals(own.balancing, { ...recipe.balancing, kind: "none" });
  const { epochs, steps, warmupEpochs, warmupSteps } = own.optimization;
  assertEquals([epochs, steps, warmupEpochs, warmupSteps], [undefined, undefined, undefined, 50]);
  assertEquals(contradictions(own), []);
});

Deno.test("views are those of the run, whose features are kept", () => {
  assertEquals(recoveryRecipe(recipe, recovery).images.views, 7);
  const planned = recoveryRecipe({ ...recipe, featureCache: false }, { ...recovery, plan });
  assertEquals([planned.images.views, planned.featureCache], [5, true]);
  const cached = {
    ...recipe,
    featureCache: { precision: "float16", tokens: ["cls"], patchStride: 1 },
  } as const;
  assertEquals(recoveryRecipe(cached, recovery).featureCache, cached.featureCache);
});

Deno.test("recovered once more, the teacher is the latest student, and other projectors have no source", () => {
  const twice = recoveryRecipe(recipeOnce, { ...recovery, before: "/second.safetensors" });
  assertEquals(twice.teachers, [
    { name: "before_pruning", checkpoint: "student:/second.safetensors" },
  ]);
  assertEquals([twice.student.source, twice.ladder.from], ["before_pruning", undefined]);
  assertEquals(contradictions(twice), []);
  const ladder = { ...recipe.ladder, kind: "top" } as const;
  const top = recoveryRecipe({ ...recipeOnce, ladder }, recovery);
  assertEquals([top.student.source, top.teachers.length], [undefined, 1]);
  assertEquals(contradictions(top), []);
});

Deno.test("what was pruned is trained, and the one teacher never stops", () => {
  const stop = { heldOut: 10, every: 5, patience: 3, minimumImprovement: 0.01 };
  const own = recoveryRecipe({
    ...recipe,
    student: { ...recipe.student, freeze: 1 },
    balancing: { ...recipe.balancing, stop },
  }, recovery);
  assertEquals([own.student.freeze, own.balancing.stop], [undefined, undefined]);
  assertEquals(contradictions(own), []);
});

Deno.test("the last stage alone predicts, and its projector hardly moves", () => {
  const rates = { backbone: 3e-4, heads: 2e-3 };
  const { learningRate: _one, baseLearningRate: _base, ...others } = recipe.optimization;
  const warm = recoveryRecipe({
    ...recipe,
    optimization: { ...others, learningRates: rates, minimumLearningRate: 2e-6 },
  }, recovery);
  assertEquals(warm.ladder.blocks, [1]);
  const { learningRates, minimumLearningRate } = warm.optimization;
  assertEquals(learningRates, { backbone: 3e-4, heads: 3e-4 / 100 });
  // A thousandth of the peak at the end, as before.
  assertAlmostEquals(minimumLearningRate / learningRates!.heads, 1e-3, 1e-9);
  // Of one rate for all, and of a backbone that was frozen, it is that of the heads.
  const single = { ...others, learningRate: 1e-3 };
  assertEquals(
    recoveryRecipe({ ...recipe, optimization: single }, recovery).optimization.learningRates,
    { backbone: 1e-3, heads: 1e-5 },
  );
  const frozen = { ...others, learningRates: { backbone: 0, heads: 2e-3 } };
  assertEquals(
    recoveryRecipe({ ...recipe, optimization: frozen }, recovery).optimization.learningRates,
    { backbone: 2e-3, heads: 2e-5 },
  );
  // Projectors that have no source learn as they did.
  const ladder = { ...recipe.ladder, kind: "top" } as const;
  const top = recoveryRecipe({ ...recipe, ladder }, recovery);
  assertEquals([top.ladder.blocks, top.optimization.learningRates], ["all", undefined]);
});

Deno.test("pruning looks at as many images as fit, 512 at least", () => {
  assertEquals([32, 96, 128, 224, 512].map(calibrationCount), [4096, 4096, 2304, 752, 512]);
});

Deno.test("a convolutional student says its hidden widths alone", () => {
  const student = { kind: "efficientnet_lite", batchNorm: "folded" } as const;
  const own = recoveryRecipe({ ...recipe, student }, {
    ...recovery,
    config: { kind: "efficientnet_lite", imageSize: 32, hiddenWidths: Array(15).fill(8) },
  });
  assertEquals(own.student, {
    ...student,
    ...{ from: "/p.safetensors", source: "before_pruning" },
    hiddenWidths: Array(15).fill(8),
  });
});
