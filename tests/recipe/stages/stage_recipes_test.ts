/** Stages as recipes of their own: what they change, and what cannot be. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../../../lib/errors/user_error.ts";
import { recipeDifferences, recipeDigest } from "../../../lib/recipe/fingerprint.ts";
import type { RecipeInput } from "../../../lib/recipe/input.ts";
import { applyOverrides } from "../../../lib/recipe/overrides.ts";
import type { RecipeStage } from "../../../lib/recipe/options.ts";
import { defineRecipe, parseRecipe } from "../../../lib/recipe/recipe.ts";
import { recipeSource } from "../../../lib/recipe/recipe_source.ts";
import { stageRecipes } from "../../../lib/recipe/stages/stage_recipes.ts";

const base = {
  name: "staged",
  images: { sources: [{ path: "digits.zip" }], size: 64 },
  teachers: ["a", "b"],
  student: { width: 32, depth: 2, heads: 2, patchSize: 8 },
  optimization: { batchSize: 64, steps: 100, learningRate: 1e-3 },
} satisfies RecipeInput;

const define = (...stages: RecipeStage[]) => defineRecipe({ ...base, stages });
const recipesOf = (...stages: RecipeStage[]) =>
  stageRecipes(define(...stages), "runs/x").map(({ recipe }) => recipe);

Deno.test("a recipe without stages is its own only stage", () => {
  const recipe = defineRecipe(base);
  const [only, ...others] = stageRecipes(recipe, "runs/x");
  assertEquals([only?.recipe, only?.folder, others], [recipe, "runs/x", []]);
});

Deno.test("a stage changes what it names, and the rest is the recipe's", () => {
  const [low, high] = recipesOf(
    { name: "low", images: { size: 32 }, optimization: { batchSize: 128 } },
    { name: "high", teachers: ["a", "b", { name: "c", inputSize: 48 }], budget: { minutes: 2 } },
  );
  assertEquals([low?.images.size, low?.images.canvas], [32, 32], "the canvas was nobody's choice");
  assertEquals([high?.images.size, high?.images.canvas], [64, 64]);
  assertEquals([low?.optimization.steps, low?.optimization.batchSize], [100, 128]);
  assertEquals(low?.optimization.learningRate, 1e-3);
  assertEquals([high?.optimization.steps, high?.budget?.minutes], [undefined, 2]);
  assertEquals(low?.teachers.map(({ name }) => name), ["a", "b"]);
  assertEquals(high?.teachers.at(-1), { name: "c", inputSize: 48 });
  assertEquals([low?.name, high?.name], ["staged.low", "staged"], "the last is the run itself");
  assertEquals([low?.student.from, high?.student.from], [undefined, "runs/x/stages/low"]);
});

Deno.test("a canvas that was chosen stays, or is what the stage says", () => {
  const recipe = (canvas: number | undefined, changed: RecipeStage["images"]) =>
    stageRecipes(
      defineRecipe({
        ...base,
        images: { ...base.images, ...canvas && { canvas } },
        stages: [{ name: "one", ...changed && { images: changed } }],
      }),
      "x",
    )[0]!.recipe.images.canvas;
  assertEquals(recipe(96, { size: 32 }), 96);
  assertEquals(recipe(undefined, { size: 32, canvas: 48 }), 48);
  assertEquals(recipe(undefined, { views: 2 }), 64);
});

Deno.test("a proxy is the only teacher of the next stage, or one more, and no start unless it is asked", () => {
  const wide: RecipeStage = { name: "wide", student: { width: 64, heads: 4 } };
  const spec = { name: "wide", checkpoint: "student:runs/x/stages/wide" };
  const [, only] = recipesOf(wide, { name: "small", teachers: ["previous"] });
  assertEquals([only?.teachers, only?.student.from], [[spec], undefined]);
  const [, more] = recipesOf(wide, {
    ...{ name: "small", teachers: ["previous", "a"], start: "previous" },
  });
  assertEquals(more?.teachers, [spec, { name: "a" }]);
  assertEquals(more?.student.from, "runs/x/stages/wide", "a selection of its teacher's weights");
  const [, own] = recipesOf(wide, { name: "small", start: "own" });
  assertEquals(own?.student.from, undefined);
});

Deno.test("another kind of student takes the place of the recipe's as a whole", () => {
  const [, other] = recipesOf({ name: "wide" }, {
    ...{ name: "small", start: "own", student: { kind: "resnet_cifar", blocks: 1 } },
  });
  assertEquals(other?.student, { kind: "resnet_cifar", blocks: 1, batchNorm: "folded" });
});

const wrong: { readonly [name: string]: readonly [unknown, ...string[]] } = {
  "no stages": [[], '"stages": found none; expected a stage'],
  "a name twice": [[{ name: "a" }, { name: "a" }], '"stages": "a" stands there twice'],
  "no name": [[{}], '"stages.0.name"'],
  "a name that is no folder": [[{ name: "../a" }], "because it names a folder"],
  "no teachers": [
    [{ name: "one", teachers: [] }],
    'stage "one": "teachers": found none; expected at least one',
  ],
  "no stage before": [
    [{ name: "one", teachers: ["previous"] }],
    'stage "one": "teachers": there is no stage before the first',
  ],
  "no student before": [
    [{ name: "one", start: "previous" }],
    'stage "one": "start": there is no stage before the first',
  ],
  "a misspelt option": [
    [{ name: "one", student: { widht: 64 } }],
    'stage "one": unknown option "student.widht"; did you mean "width"?',
  ],
  "a misspelt section": [[{ name: "one", studnet: {} }], 'unknown option "studnet"'],
  "a seed of its own": [[{ name: "one", seed: 1 }], '"seed" is one of the whole recipe'],
  "stages inside": [[{ name: "one", stages: [] }], '"stages" is one of the whole recipe'],
  "options that do not fit": [
    [{ name: "one" }, { name: "two", student: { width: 33 } }],
    'stage "two": "student.width": 33 cannot be divided',
  ],
  "a student that cannot start as the one before": [
    [{ name: "one" }, { name: "two", student: { width: 48, heads: 3 } }],
    'stage "two": its student cannot start from that of the stage before: it has width 32',
    "before:  vision transformer, width 32, depth 2, 2 heads, patches of 8 px on 64 px\n",
    "student: vision transformer, width 48, depth 2, 3 heads, patches of 8 px on 64 px\n",
    'give "start": "own"',
  ],
  "images of another normalisation": [
    [{ name: "one" }, { name: "two", student: { mean: [0, 0, 0] } }],
    "its images have mean [0.485, 0.456, 0.406]",
  ],
  "too many": [
    Array.from({ length: 33 }, (_, i) => ({ name: `s${i}` })),
    '"stages"',
  ],
};

for (const [name, [stages, ...expected]] of Object.entries(wrong)) {
  Deno.test(`stages are refused: ${name}`, () => {
    const { message } = assertThrows(() => parseRecipe({ ...base, stages }), UserError);
    for (const part of expected) assertStringIncludes(message, part);
  });
}

Deno.test("stages are part of the fingerprint, but for what cannot change a student", () => {
  const one: RecipeStage = { name: "one", optimization: { steps: 10 } }, two = { name: "two" };
  const digest = recipeDigest(define(one, two));
  assert(digest !== recipeDigest(define(two, one)), "the order counts");
  assert(digest !== recipeDigest(define(one)), "their number counts");
  assert(digest !== recipeDigest(defineRecipe(base)), "having some counts");
  assertEquals(digest, recipeDigest(define({ ...one, checkpoint: { every: 7 } }, two)));
  assertEquals(
    recipeDifferences(define(one, two), define({ ...one, optimization: { steps: 20 } }, two)),
    ["stages.one.optimization.steps: 10 -> 20"],
  );
});

Deno.test("a setting reaches a stage by its name or number, and a misspelt one is noticed", () => {
  const recipe = define({ name: "one" }, { name: "two", teachers: ["previous"] });
  const set = (...settings: string[]) => applyOverrides(recipe, settings).stages;
  assertEquals(set("stages.two.optimization.steps=7")?.[1]?.optimization, { steps: 7 });
  assertEquals(set("stages.0.student.width=64", "stages.0.student.heads=4")?.[0]?.student, {
    ...{ width: 64, heads: 4 },
  });
  assertEquals(set("stages.one.teachers=a,b")?.[0]?.teachers, ["a", "b"]);
  const steps = ["stages.two.optimization.steps=7", "stages.two.budget.minutes=2"];
  assertEquals(set(...steps)?.[1], {
    ...{ name: "two", teachers: ["previous"], optimization: {}, budget: { minutes: 2 } },
  }, "the one that is set replaces the other");
  assertEquals(set("stages.two.start=own")?.[1]?.start, "own");
  const misspelt = () => set("stages.one.optimization.stesp=7");
  assertStringIncludes(assertThrows(misspelt, UserError).message, "stages.0.optimization.steps");
  assertThrows(() => set("stages.three.student.width=64"), UserError, "one, two");
});

Deno.test("a recipe with stages is the same after JSON, and as a module", async () => {
  const recipe = define(
    { name: "one", images: { size: 32, augmentation: false } },
    { name: "two", teachers: ["previous", "a"], balancing: { kind: "none" } },
  );
  assertEquals(parseRecipe(JSON.parse(JSON.stringify(recipe))), recipe);
  assertEquals(defineRecipe(recipe), recipe);
  const text = recipeSource(recipe, []);
  const url = `data:text/javascript,${encodeURIComponent(text)}`;
  assertEquals(parseRecipe((await import(url)).default), recipe);
  assertEquals(stageRecipes(recipe, "x")[0]?.recipe.images.augmentation.flip, false);
});
