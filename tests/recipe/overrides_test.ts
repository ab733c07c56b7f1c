import { assertEquals, assertThrows } from "@std/assert";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

Deno.test("settings are JSON or bare strings, and the set one of two alternatives wins", () => {
  const recipe = applyOverrides(defineRecipe(minimal), [
    "optimization.epochs=2.5",
    "optimization.learningRate=1e-3",
    "mode=graph",
    "teachers.0.name=resnet20_cifar10",
    "images.augmentation.jitter=false",
    "ladder.blocks=[1, 5]",
  ]);
  assertEquals(recipe.optimization.epochs, 2.5);
  assertEquals(recipe.optimization.steps, undefined);
  assertEquals(recipe.optimization.learningRate, 1e-3);
  assertEquals(recipe.mode, "graph");
  assertEquals(recipe.teachers[0]?.name, "resnet20_cifar10");
  assertEquals(recipe.images.augmentation.jitter, false);
  assertEquals(recipe.ladder.blocks, [1, 5]);
});

Deno.test("a wrong setting is an error that says what is known", () => {
  const recipe = defineRecipe(minimal);
  const refused = (setting: string, part: string) =>
    assertThrows(() => applyOverrides(recipe, [setting]), UserError, part);
  refused("optimization.step=3", 'Did you mean "optimization.steps"');
  refused("optimisation.steps=3", "Known at the top: name");
  refused("mode", "expected key=value");
  refused("mode=fast", '"mode": expected one of');
  refused("teachers.5.name=x", '"teachers');
  refused("optimization.batchSize=many", '"optimization.batchSize": expected number');
});
