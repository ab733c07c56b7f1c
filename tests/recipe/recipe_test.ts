import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { defineRecipe, parseRecipe } from "../../lib/recipe/recipe.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

Deno.test("defineRecipe fills in the reference's defaults", () => {
  const recipe = defineRecipe(minimal);
  assertEquals(recipe.images.canvas, 32);
  assertEquals(recipe.images.augmentation, {
    scale: [0.08, 1],
    ratio: [3 / 4, 4 / 3],
    flip: 0.5,
    jitter: { probability: 0.8, brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
    grey: 0.2,
    blur: { probability: 0.2, kernel: 9, sigma: [0.1, 5] },
    solarize: { probability: 0.2, threshold: 0.5 },
  });
  assertEquals(recipe.teachers, [{ name: "digits" }, { name: "satellite", inputSize: 64 }]);
  assertEquals(recipe.balancing, {
    kind: "teacher_drop",
    probability: 0.5,
    normalization: "matrix",
    level: "image",
    momentum: 0.99,
  });
  assertEquals(recipe.standardizer, { kind: "ema", batches: 100, start: 1, end: 0.001 });
  assertEquals(recipe.ladder, { kind: "ladder", blocks: "all" });
  assertEquals([recipe.optimization.beta2, recipe.optimization.weightDecay], [0.99, 0.03]);
  assertEquals([recipe.seed, recipe.precision, recipe.mode], [0, "float32", "auto"]);
});

Deno.test("a recipe is frozen, and defining or storing it again changes nothing", () => {
  const recipe = defineRecipe(minimal);
  assert(Object.isFrozen(recipe.images.augmentation.jitter));
  assertEquals(defineRecipe(recipe), recipe);
  assertEquals(parseRecipe(JSON.parse(JSON.stringify(recipe))), recipe);
});

Deno.test("augmentations can be overridden in part or switched off", () => {
  const some = defineRecipe({
    ...minimal,
    images: { ...minimal.images, augmentation: { blur: false, jitter: { hue: 0 } } },
  });
  assertEquals(some.images.augmentation.blur, false);
  assertEquals(some.images.augmentation.jitter, {
    probability: 0.8,
    brightness: 0.4,
    contrast: 0.4,
    saturation: 0.2,
    hue: 0,
  });
  const none = defineRecipe({ ...minimal, images: { ...minimal.images, augmentation: false } });
  assertEquals([...new Set(Object.values(none.images.augmentation))], [false]);
});

Deno.test("an unknown option is named with the nearest known one", () => {
  const error = assertThrows(
    () =>
      parseRecipe({
        ...minimal,
        optimization: { batchsize: 64, steps: 10, learning_rate: 1 },
        images: { ...minimal.images, augmentation: { jitter: { huge: 1 } } },
        colour: 1,
      }),
    UserError,
  );
  assertStringIncludes(error.message, 'Cannot use recipe "digits"');
  assertStringIncludes(
    error.message,
    'unknown option "optimization.batchsize"; did you mean "batchSize"?',
  );
  assertStringIncludes(error.message, 'did you mean "learningRate"');
  assertStringIncludes(error.message, '"images.augmentation.jitter.huge"; did you mean "hue"?');
  assertStringIncludes(error.message, 'unknown option "colour"; known here: name, description');
  assertStringIncludes(error.message, '"optimization.batchSize": expected number');
});
