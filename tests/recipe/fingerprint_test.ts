import { assertEquals, assertNotEquals } from "@std/assert";
import { recipeDifferences, recipeDigest } from "../../lib/recipe/fingerprint.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { defineRecipe, parseRecipe } from "../../lib/recipe/recipe.ts";
import type { Recipe } from "../../lib/recipe/options.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

Deno.test("the digest covers what can change the student and nothing else", () => {
  const recipe = defineRecipe(minimal);
  const digest = recipeDigest(recipe);
  assertEquals(digest.length, 64);
  const free = {
    ...recipe,
    name: "other",
    workers: 3,
    checkpoint: { every: 7, keep: 1, keepBest: 0 },
    optimization: { ...recipe.optimization, sharded: true },
  };
  assertEquals(recipeDigest(free), digest);
  assertEquals(recipeDigest(parseRecipe(JSON.parse(JSON.stringify(recipe)))), digest);
  const changed = applyOverrides(recipe, ["optimization.beta2=0.98", "seed=1"]);
  assertNotEquals(recipeDigest(changed), digest);
  assertEquals(recipeDifferences(recipe, changed), [
    "optimization.beta2: 0.99 -> 0.98",
    "seed: 0 -> 1",
  ]);
});

Deno.test("guard, evaluation and words do not count, nor does the order of keys", () => {
  const recipe = defineRecipe(minimal), digest = recipeDigest(recipe);
  const free: Recipe = {
    ...recipe,
    description: "for people",
    guard: { ...recipe.guard, policy: "stop", budget: 77 },
    evaluation: { ...recipe.evaluation, tasks: ["land_use"] },
  };
  assertEquals(recipeDigest(free), digest);
  assertEquals(recipeDifferences(recipe, free), []);
  const turned = <T extends object>(value: T): T =>
    Object.fromEntries(Object.entries(value).reverse()) as T;
  const reversed = turned({ ...recipe, optimization: turned(recipe.optimization) });
  assertNotEquals(Object.keys(reversed), Object.keys(recipe));
  assertEquals(recipeDigest(reversed), digest);
});
