/** Decisions by intervals, and what recipes may spend. */
import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../lib/errors/user_error.ts";
import { budgetOf, budgetText, isSameBudget } from "../../lib/experiments/budget_of.ts";
import { decide, decideAll, verdictExperiment } from "../../lib/experiments/verdict.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import { minimal } from "../recipe/minimal_recipe_fixture.ts";

Deno.test("an interval on one side of the threshold decides, and beside several baselines all must agree", () => {
  assertEquals(decide({ low: 1.01, high: 2 }, 1), "go");
  assertEquals(
    decide({ low: 1, high: 2 }, 1),
    "inconclusive",
    "the threshold itself is not above it",
  );
  assertEquals(decide({ low: -1, high: 0.99 }, 1), "no-go");
  assertEquals(decide({ low: -1, high: 1 }, 1), "inconclusive");
  assertEquals(decideAll(["go", "go"]), "go");
  assertEquals(decideAll(["go", "inconclusive"]), "inconclusive");
  assertEquals(decideAll(["go", "inconclusive", "no-go"]), "no-go");
});

Deno.test("budgets are summed over stages, each in its own unit", () => {
  const budget = (more: Partial<RecipeInput>) => budgetOf(defineRecipe({ ...minimal, ...more }));
  const plain = budget({}), epochs = budget({ optimization: { batchSize: 8, epochs: 2 } });
  assertEquals(plain, { minutes: 0, images: 64_000, epochs: 0 });
  assertEquals(epochs, { minutes: 0, images: 0, epochs: 2 });
  const mixed = budget({
    stages: [{ name: "a", budget: { minutes: 1.5 } }, { name: "b" }, {
      ...{ name: "c", optimization: { batchSize: 32, steps: 10 } },
    }],
  });
  assertEquals(mixed, { minutes: 1.5, images: 64_320, epochs: 0 });
  assertEquals(budgetText(mixed), "1.5 minutes and 64320 images in steps");
  const thirds = budget({
    ...{ optimization: { batchSize: 64 }, budget: { minutes: 1 } },
    stages: ["a", "b", "c"].map((name) => ({ name, budget: { minutes: 1 / 3 } })),
  });
  assertEquals(isSameBudget(thirds, { minutes: 1, images: 0, epochs: 0 }), true);
  assertEquals(isSameBudget(thirds, { minutes: 1.01, images: 0, epochs: 0 }), false);
  assertEquals(isSameBudget(plain, epochs), false);
  assertEquals(isSameBudget(plain, { ...plain, images: 64_001 }), false);
});

Deno.test("a question is an experiment whose rows are the recipes, whatever their seeds", () => {
  const recipes = ["one.a", "two"].map((name, seed) => defineRecipe({ ...minimal, name, seed }));
  const question = { recipes, seeds: [0, 1], tasks: ["digits"], metric: "knn" as const };
  const { rows } = verdictExperiment({ ...question, threshold: 1 });
  assertEquals(rows.map(({ name, title }) => [name, title]), [["one_a", "one.a"], ["two", "two"]]);
  const twice = [recipes[0]!, defineRecipe({ ...minimal, name: "one-a" })];
  assertThrows(
    () => verdictExperiment({ ...question, recipes: twice, threshold: 1 }),
    UserError,
    '"one_a"',
  );
});
