import { assert, assertEquals, assertThrows } from "@std/assert";
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
  refused("optimisation.steps=3", 'Did you mean "optimization.steps"');
  refused("evaluate.metrics=knn", 'Did you mean "evaluation.metrics"');
  refused("zzz.steps=3", "Known at the top: name");
  refused("seed.0=3", 'There are none below "seed"');
  refused("mode=", "expected key=value");
  refused("mode", "expected key=value");
  refused("mode=fast", '"mode": expected one of');
  refused(
    "teachers.5.name=x",
    '"teachers" has 2 entries, found "5", expected a number from 0 to 2',
  );
  refused("teachers.digit.inputSize=64", 'Did you mean "teachers.digits"');
  refused("teachers.-1.name=x", 'found "-1"');
  refused("__proto__.polluted=1", 'no option is called "__proto__"');
  refused("balancing.weights.__proto__.polluted=1", "no option is called");
  refused("optimization.batchSize=many", '"optimization.batchSize": expected number');
});

Deno.test("parts that the recipe leaves out can be set", () => {
  const recipe = applyOverrides(defineRecipe(minimal), [
    "checkpoint.every=5",
    "evaluation.metrics=knn,logistic",
    "evaluation.tasks=digits",
    "evaluation.k=5,20",
    "images.views=2",
    "featureCache.precision=bfloat16",
    "balancing.kind=fixed",
    "balancing.weights.digits=2",
  ]);
  assertEquals(recipe.checkpoint.every, 5);
  assertEquals(recipe.checkpoint.keep, 2);
  assertEquals(recipe.evaluation.metrics, ["knn", "logistic"]);
  assertEquals(recipe.evaluation.tasks, ["digits"]);
  assertEquals(recipe.evaluation.k, [5, 20]);
  assert(typeof recipe.featureCache === "object" && recipe.featureCache.patchStride === 1);
  assertEquals(recipe.balancing.weights, { digits: 2 });
  assertEquals(applyOverrides(recipe, ["evaluation.k=7"]).evaluation.k, 7);
});

Deno.test("settings may complete a recipe that is refused without them", () => {
  const { optimization: _, ...incomplete } = minimal;
  const settings = ["optimization.batchSize=8", "optimization.steps=10"];
  const recipe = applyOverrides({ ...incomplete, teachers: ["digits", "a"] }, [
    ...settings,
    "teachers.a.inputSize=64",
    "teachers.2=b",
  ]);
  assertEquals(recipe.optimization.steps, 10);
  assertEquals(recipe.teachers, [{ name: "digits" }, { name: "a", inputSize: 64 }, { name: "b" }]);
  assertThrows(() => applyOverrides(incomplete, ["seed=3"]), UserError, '"optimization"');
  for (const input of ["text", null, [1]]) {
    assertThrows(() => applyOverrides(input, settings), UserError, "Cannot use recipe");
  }
});

Deno.test("a value begins after the first equals sign", () => {
  const { description } = applyOverrides(defineRecipe(minimal), ["description=beta2=0.98 = old"]);
  assertEquals(description, "beta2=0.98 = old");
});

Deno.test("rates by group replace the one rate, also one by one, and are replaced by it", () => {
  const one = applyOverrides(minimal, ["optimization.learningRate=0.5"]);
  const groups = applyOverrides(one, [
    "optimization.learningRates.backbone=0",
    "optimization.learningRates.heads=0.25",
  ]);
  assertEquals(groups.optimization.learningRates, { backbone: 0, heads: 0.25 });
  assertEquals(groups.optimization.learningRate, undefined);
  const again = applyOverrides(groups, ["optimization.baseLearningRate=0.5"]);
  assertEquals(again.optimization.learningRates, undefined);
});
