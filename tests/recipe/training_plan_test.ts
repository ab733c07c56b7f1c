import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { applyOverrides } from "../../lib/recipe/overrides.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { optimizerOf } from "../../lib/recipe/parameter_groups.ts";
import { planTraining, scheduledNumbers } from "../../lib/recipe/training_plan.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { minimal } from "./minimal_recipe_fixture.ts";

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

Deno.test("of rates by group, the heads' follows the schedule, the backbone's is a share of it", () => {
  const recipe = defineRecipe({
    ...minimal,
    optimization: {
      batchSize: 64,
      steps: 100,
      warmupSteps: 11,
      learningRates: { backbone: 0.5, heads: 2 },
      decay: "heads",
    },
  });
  const plan = planTraining(recipe, 640);
  assertEquals(plan.peakLearningRate, 2);
  assertEquals(scheduledNumbers(recipe, plan, 5).learningRate, 1);
  const { rates, decays } = optimizerOf(recipe);
  assertEquals([rates?.("encoder.norm.weight"), rates?.("ladder.digits.cls.weight")], [0.25, 1]);
  assertEquals([decays?.("encoder.cls"), decays?.("ladder.digits.cls.weight")], [false, true]);
  const plain = optimizerOf(defineRecipe(minimal));
  assertEquals([plain.rates?.("encoder.cls"), plain.decays], [1, undefined]);
});

Deno.test("the numbers of a step: a warm-up, the standardiser from start to end, the dropping's schedule", () => {
  const recipe = defineRecipe({
    ...minimal,
    optimization: { batchSize: 64, steps: 100, warmupSteps: 11, learningRate: 2 },
    standardizer: { start: 0.8, end: 0.2 },
    balancing: { probability: { start: 0, end: 1, curve: "linear" } },
  });
  const plan = planTraining(recipe, 640);
  const at = (step: number) => scheduledNumbers(recipe, plan, step);
  assertEquals(at(0), { learningRate: 0, standardizerWeight: 0.8, dropProbability: 0 });
  assertAlmostEquals(at(50).standardizerWeight, 0.5, 1e-12);
  assertAlmostEquals(at(100).standardizerWeight, 0.2, 1e-12);
  assertEquals([at(5).learningRate, at(10).learningRate, at(11).learningRate], [1, 2, 2]);
  assertAlmostEquals(at(25).dropProbability, 0.25, 1e-12);
});
