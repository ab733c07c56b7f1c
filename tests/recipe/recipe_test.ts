import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { loadRecipe } from "../../lib/recipe/load.ts";
import {
  defineRecipe,
  parseRecipe,
  recipeDifferences,
  recipeDigest,
} from "../../lib/recipe/recipe.ts";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import type { RecipeInput } from "../../lib/recipe/input.ts";
import { planTraining } from "../../lib/recipe/training_plan.ts";
import { UserError } from "../../lib/errors/user_error.ts";

const minimal: RecipeInput = {
  name: "digits",
  images: { sources: [{ path: "digits.zip", split: "train" }], size: 32 },
  teachers: ["digits", { name: "satellite", inputSize: 64 }],
  student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
  optimization: { batchSize: 64, steps: 1000 },
};

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
  assertEquals([recipe.seed, recipe.precision, recipe.mode], [0, "float32", "xla"]);
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

Deno.test("values that contradict each other are refused, all at once", () => {
  const error = assertThrows(
    () =>
      defineRecipe({
        ...minimal,
        teachers: ["digits", "digits"],
        student: { width: 97, depth: 6, heads: 3, patchSize: 5 },
        ladder: { blocks: [0, 6] },
        optimization: { batchSize: 64, steps: 10, epochs: 1 },
      }),
    UserError,
  );
  for (
    const part of [
      'found both "steps" and "epochs"',
      "97 cannot be divided over 3 heads",
      "32 px is not a multiple",
      '"digits" stands there twice',
      "found 6; expected different blocks from 0 to 5",
    ]
  ) assertStringIncludes(error.message, part);
  assertThrows(
    () => defineRecipe({ ...minimal, optimization: { batchSize: 64 } }),
    UserError,
    'found neither "steps" nor "epochs"',
  );
});

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

Deno.test("the digest covers what can change the student and nothing else", () => {
  const recipe = defineRecipe(minimal);
  const digest = recipeDigest(recipe);
  assertEquals(digest.length, 64);
  const free = {
    ...recipe,
    name: "other",
    workers: 3,
    checkpoint: { every: 7, keep: 1, keepBest: 0 },
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

Deno.test("planTraining gives the paper's run and a short one", () => {
  const paper = defineRecipe({
    ...minimal,
    optimization: { batchSize: 512, epochs: 200, warmupEpochs: 10 },
  });
  const plan = planTraining(paper, 1_281_167);
  assertEquals([plan.stepsPerEpoch, plan.steps, plan.warmupSteps], [2502, 500_400, 25_020]);
  assertAlmostEquals(plan.peakLearningRate, 6e-4, 1e-12);
  const short = planTraining(defineRecipe(minimal), 130);
  assertEquals([short.stepsPerEpoch, short.steps, short.warmupSteps], [2, 1000, 50]);
  assertThrows(() => planTraining(paper, 511), UserError, "at least one batch of 512");
  const all = applyOverrides(paper, ["optimization.warmupEpochs=200"]);
  assertThrows(() => planTraining(all, 5120), UserError, "warm-up");
});

Deno.test("loadRecipe reads modules and JSON, and says what is wrong with others", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const write = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return `${folder}/${name}`;
    };
    const json = JSON.stringify(minimal);
    const expected = defineRecipe(minimal);
    assertEquals(await loadRecipe(await write("a.json", json)), expected);
    assertEquals(await loadRecipe(await write("a.ts", `export default ${json};`)), expected);
    const none = await write("b.ts", "export const recipe = 1;");
    await assertRejects(() => loadRecipe(none), UserError, "no default export");
    const torn = await write("c.json", "{");
    await assertRejects(() => loadRecipe(torn), UserError, "it is not JSON");
    await assertRejects(() => loadRecipe(`${folder}/d.ts`), UserError, "no such file");
    await assertRejects(() => loadRecipe(folder), UserError, "it is not a file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
