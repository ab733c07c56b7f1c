import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { updateBatchSize, updateRecipe } from "../../../lib/training/proposal/update_recipe.ts";

const before = defineRecipe({
  name: "photos",
  images: { sources: [{ path: "photos" }], size: 32, subset: { images: 900 } },
  teachers: ["specialist_digits", "specialist_land_use"],
  student: { width: 32, depth: 2, heads: 2, patchSize: 8 },
  optimization: { batchSize: 16, steps: 500, warmupSteps: 10, learningRate: 1e-3 },
  balancing: { stop: { heldOut: 50, every: 100 } },
  evaluation: { tasks: ["digits"] },
});
const request = { run: "runs/photos", images: ["new"], rehearse: 0.3, evaluate: ["land_use"] };
const facts = {
  ...{ before, seconds: 600, hasProjectors: true },
  counts: { old: 900, new: 700 },
};

Deno.test("an update has a fifth of the minutes, the old learning rate and the share of old images", () => {
  const { recipe, rehearsed } = updateRecipe(request, facts);
  assertEquals(rehearsed, 300);
  const defined = defineRecipe(recipe);
  assertEquals(defined.budget?.minutes, 2);
  assertEquals(defined.optimization.learningRate, 1e-3);
  assertEquals(defined.images.sources, [{ run: "runs/photos", images: 300 }, { path: "new" }]);
  assertEquals(defined.evaluation.tasks, ["digits", "land_use"]);
  assertEquals([defined.student.from, defined.ladder.from], ["runs/photos", "runs/photos"]);
  assertEquals([defined.balancing.stop, defined.images.subset], [undefined, undefined]);
});

Deno.test("rehearsal is at most of what there is; none leaves the old images out", () => {
  const share = (rehearse: number) => updateRecipe({ ...request, rehearse }, facts);
  // 700 new ones are a tenth of 7,000.
  assertEquals([share(0.9).rehearsed, share(0.9).wanted], [900, 6300]);
  assertEquals(share(0).recipe.images.sources, [{ path: "new" }]);
});

Deno.test("where features are kept, one view is taken of each image", () => {
  const kept = (featureCache: boolean) =>
    updateRecipe(request, { ...facts, before: { ...before, featureCache } }).recipe.images.views;
  assertEquals([kept(true), kept(false)], [1, undefined]);
});

Deno.test("a batch is half of the old run's, of 32 images at least, and of parts that were asked for", () => {
  const batchOf = (optimization: Partial<typeof before.optimization>) =>
    updateRecipe(request, {
      ...facts,
      before: { ...before, optimization: { ...before.optimization, ...optimization } },
    }).recipe.optimization.batchSize;
  assertEquals([256, 64, 48, 32, 16].map((batchSize) => batchOf({ batchSize })), [
    ...[128, 32, 32, 32, 16],
  ]);
  assertEquals([2, 64].map((accumulate) => batchOf({ batchSize: 64, accumulate })), [32, 64]);
  // Half of an odd number is no batch.
  assertEquals(updateBatchSize({ batchSize: 99 }), 99);
});

Deno.test("minutes that are neither given nor known are asked for", () => {
  const unknown = { ...facts, seconds: undefined };
  assertThrows(() => updateRecipe(request, unknown), UserError, "Give --minutes N");
  assertEquals(updateRecipe({ ...request, minutes: 3 }, unknown).recipe.budget?.minutes, 3);
});

Deno.test("without a checkpoint projectors begin anew", () => {
  const { recipe } = updateRecipe(request, { ...facts, hasProjectors: false });
  assertEquals(recipe.ladder?.from, undefined);
});
