/** The options of checkpoints: the same spelling and checks on a command line and in recipes. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkpointOptions, checkpointSpecs } from "../../lib/cli/checkpoint_options.ts";
import { UsageError } from "../../lib/cli/command.ts";
import { evaluate } from "../../lib/cli/commands/evaluate.ts";
import { features } from "../../lib/cli/commands/use/features.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { runModels } from "../../lib/evaluation/evaluate_run.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import {
  type CheckpointReading,
  checkpointReadingNames,
} from "../../lib/teachers/checkpoint_reading.ts";

const none = {
  ...{ key: undefined, heads: undefined, activation: undefined, mean: undefined, std: undefined },
};
const recipeOf = (teacher: Record<string, unknown>) =>
  defineRecipe({
    name: "own",
    images: { sources: [{ path: "digits.zip" }], size: 32 },
    teachers: [{ name: "mine", ...teacher }],
    student: { width: 96, depth: 2, heads: 3, patchSize: 8 },
    optimization: { batchSize: 8, steps: 10 },
  });

Deno.test("every command that opens checkpoints has the options of recipes", () => {
  assertEquals(Object.keys(checkpointOptions), checkpointReadingNames);
  for (const { options } of [features, evaluate]) {
    for (const name of checkpointReadingNames) {
      assertEquals(options?.[name], checkpointOptions[name], name);
    }
  }
});

Deno.test("options reach every checkpoint, and nothing else", () => {
  const options = { ...none, key: "ema", heads: 6, activation: "quick_gelu", mean: "0.5,0.5, 0.5" };
  const reading: CheckpointReading = {
    ...{ key: "ema", heads: 6, mean: [0.5, 0.5, 0.5] },
    activation: "quick_gelu",
  };
  assertEquals(checkpointSpecs(["pixels", "dino:a.pth", "clip:b.pt@224"], options), [
    { source: "pixels" },
    { source: "dino:a.pth", ...reading },
    { source: "clip:b.pt@224", ...reading },
  ]);
  assertEquals(checkpointSpecs(["pixels"], none), [{ source: "pixels" }]);
  const stray = assertThrows(() => checkpointSpecs(["pixels"], options), UsageError);
  assertStringIncludes(stray.message, "Found --key without a checkpoint");
});

Deno.test("a recipe's options reach its evaluation", () => {
  const reading: CheckpointReading = {
    ...{ key: "ema", heads: 6, std: [0.25, 0.25, 0.25] },
    activation: "quick_gelu",
  };
  const recipe = recipeOf({ checkpoint: "dino:a.pth", ...reading });
  assertEquals(runModels("runs/own", recipe)[1], {
    source: "dino:a.pth",
    name: "mine",
    ...reading,
  });
});

const wrong: Record<string, [name: keyof typeof none, text: string | number, value: unknown]> = {
  "an empty key": ["key", "", ""],
  "half a head": ["heads", 1.5, 1.5],
  "no heads": ["heads", 0, 0],
  "another activation": ["activation", "relu", "relu"],
  "a mean of 0 to 255": ["mean", "123.7,116.3,103.5", [123.7, 116.3, 103.5]],
  "a mean of two colours": ["mean", "0.5,0.5", [0.5, 0.5]],
  "a mean that is no number": ["mean", "0.5,,0.5", [0.5, NaN, 0.5]],
  "a deviation of nothing": ["std", "0.5,0,0.5", [0.5, 0, 0.5]],
};
for (const [description, [name, text, value]] of Object.entries(wrong)) {
  Deno.test(`refused on a command line and in a recipe: ${description}`, () => {
    const options = { ...none, [name]: text };
    const usage = assertThrows(() => checkpointSpecs(["dino:a.pth"], options), UsageError);
    assertStringIncludes(usage.message, `Found --${name} ${text}, expected `);
    const checkpoint = "dino:a.pth";
    const recipe = assertThrows(() => recipeOf({ checkpoint, [name]: value }), UserError);
    assertStringIncludes(recipe.message, name);
  });
}

Deno.test("a recipe's teacher of the zoo has no options of a checkpoint", () => {
  const { message } = assertThrows(() => recipeOf({ heads: 6 }), UserError);
  assertStringIncludes(message, 'only a teacher with a "checkpoint"');
});
