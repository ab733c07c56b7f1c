import { assertEquals } from "@std/assert";
import { advisedRecipe } from "../../lib/advice/advised_recipe.ts";
import type { ComponentAdvice } from "../../lib/advice/expect_student.ts";
import type { FeaturePlan } from "../../lib/advice/plan_minutes.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";

const input = {
  name: "photos",
  images: { sources: [{ path: "photos" }], size: 32 },
  teachers: ["specialist_digits", "resnet20_cifar10"],
  student: { width: 96, depth: 4, heads: 3, patchSize: 8 },
  ladder: { blocks: [1, 3] },
  featureCache: { tokens: ["cls"] },
  standardizer: { kind: "fixed", batches: 4, leastDeviation: 0.05 },
  optimization: { batchSize: 16 },
  budget: { minutes: 10 },
} as const;
const minutes = { minutes: 7, steps: 100, passes: 5 };
const features: FeaturePlan = {
  ...{ kind: "cached", why: "faster", cachedMinutes: 1, liveMinutes: 2, bytes: 1 },
  ...{ readMilliseconds: 1, readFrom: "memory" },
};
const components = (isOn: boolean): ComponentAdvice[] =>
  (["standardisation", "ladder", "dropping"] as const).map((component) => ({
    ...{ component, isOn, by: "method" },
  }));

Deno.test("with all parts on it is the measured recipe, for the advised minutes", () => {
  const recipe = advisedRecipe(input, { components: components(true), features, minutes });
  assertEquals(recipe, defineRecipe({ ...input, budget: { minutes: 7 } }));
});

Deno.test("what is off leaves the recipe, and features that are not kept are computed", () => {
  const live = { ...features, kind: "live" } as const;
  const recipe = advisedRecipe(input, { components: components(false), features: live, minutes });
  assertEquals(recipe.featureCache, false);
  assertEquals(recipe.balancing.kind, "none");
  assertEquals(recipe.ladder.blocks, [3]);
  const { kind, start, end } = recipe.standardizer as { kind: string; start: number; end: number };
  assertEquals([kind, start, end], ["ema", 0, 0]);
});
