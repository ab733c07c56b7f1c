/** Heads that a stage takes over from the one before, and those that begin anew. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import type { Recipe, RecipeStage } from "../../../lib/recipe/options.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";
import { loadLatestCheckpoint } from "../../../lib/runs/checkpoint/checkpoint.ts";
import { convolutionalBackbone } from "../../../lib/teachers/backbone.ts";
import type { FloatTensor } from "../../../lib/weights/host_tensor.ts";
import { inFolder } from "../../images/images_fixture.ts";
import { runToEnd } from "../shared_runs_fixture.ts";
import { madeUpTeacher, recipeOver, writeImages } from "../tiny_distillation_fixture.ts";

await startEngine();

const teachers = [madeUpTeacher(), madeUpTeacher((colours) => colours.square(), "squares")];

/** A recipe whose options are those of the made-up distillation but for `more`. */
async function staged(folder: string, more: Partial<Recipe>): Promise<Recipe> {
  await writeImages(folder, { count: 12 });
  return defineRecipe({ ...recipeOver(folder), ...more });
}

Deno.test("a stage that starts from the one before has its student, and the heads of teachers that both have", () =>
  inFolder(async (folder) => {
    const constant = { learningRates: { backbone: 0, heads: 1e-9 }, steps: 1, warmupSteps: 0 };
    const { learningRate: _, ...optimization } = recipeOver(folder).optimization;
    const next: RecipeStage = {
      ...{ name: "next", teachers: ["made_up", "squares"] },
      optimization: { ...constant, minimumLearningRate: 0, weightDecay: 0 },
    };
    const recipe = await staged(folder, {
      optimization: { ...optimization, baseLearningRate: 0.1 },
      stages: [{ name: "one" }, next],
    });
    await runToEnd(recipe, { folder: `${folder}/run`, teachers });
    const own = await runToEnd(
      defineRecipe({ ...recipe, stages: [{ name: "one" }, { ...next, start: "own" }] }),
      { folder: `${folder}/own`, teachers },
    );
    assertEquals(own.summary.finished, true);
    const [before, after, drawn] = await Promise.all(
      ["run/stages/one", "run", "own"].map(async (one) =>
        (await loadLatestCheckpoint(`${folder}/${one}`))!.tensors
      ),
    );
    const encoder = [...after!.keys()].filter((name) => name.startsWith("encoder."));
    for (const name of encoder) assertNear(after!.get(name)!, before!.get(name)!, name);
    for (
      const group of ["cls", "patch"].filter((one) =>
        after!.has(`ladder.${one}.output.made_up.weight`)
      )
    ) {
      for (const part of ["weight", "bias"]) {
        const output = (teacher: string) => `ladder.${group}.output.${teacher}.${part}`;
        const kept = output("made_up"), fresh = output("squares");
        assertNear(after!.get(kept)!, before!.get(kept)!, kept);
        assertNear(after!.get(fresh)!, drawn!.get(fresh)!, fresh);
        // The first layers of both lie side by side: made_up before squares.
        const hidden = `ladder.${group}.hidden.0.${part}`;
        const [old, both, own] = [before, after, drawn].map((tensors) => tensors!.get(hidden)!);
        const columns = old!.shape.at(-1)!;
        assertEquals(both!.shape.at(-1), 2 * columns);
        assertNear(columnsOf(both!, 0, columns), old!, hidden);
        assertNear(columnsOf(both!, columns, columns), columnsOf(own!, columns, columns), hidden);
      }
    }
    const first = "ladder.cls.output.made_up.weight", patch = "ladder.patch.output.made_up.weight";
    const name = after!.has(first) ? first : patch;
    const [moved, random] = [after!.get(name)!.data, drawn!.get(name)!.data];
    assert(moved.some((value, i) => Math.abs(value - random[i]!) > 1e-3), "training had moved it");
  }));

Deno.test("heads of a teacher that only one of both students resembles mean something else, and begin anew", () =>
  inFolder(async (folder) => {
    const wide = convolutionalBackbone({
      ...{ name: "wide", family: "mean", licence: "CC0-1.0", digest: "wide" },
      input: { size: 16, mean: [0, 0, 0], std: [1, 1, 1] },
      ...{ width: 8, stride: 8, parameters: {} },
      featureMap: (_, images) => {
        const colours: tf.Tensor4D = tf.avgPool(images, 8, 8, "same");
        return tf.concat([colours, colours.square(), colours.slice([0, 0, 0, 1])], 3);
      },
    });
    const { learningRate: _rate, ...optimization } = recipeOver(folder).optimization;
    const still = { learningRates: { backbone: 0, heads: 1e-9 }, steps: 1, warmupSteps: 0 };
    const next: RecipeStage = {
      ...{ name: "next", student: { source: "wide" } },
      optimization: { ...still, minimumLearningRate: 0, weightDecay: 0 },
    };
    const recipe = await staged(folder, {
      teachers: recipeOver(folder).teachers.map((teacher) => ({ ...teacher, name: "wide" })),
      optimization: { ...optimization, baseLearningRate: 0.1 },
      stages: [{ name: "one" }, next],
    });
    await runToEnd(recipe, { folder: `${folder}/run`, teachers: [wide] });
    const [before, after] = await Promise.all(
      ["run/stages/one", "run"].map(async (one) =>
        (await loadLatestCheckpoint(`${folder}/${one}`))!.tensors
      ),
    );
    const outputs = [...after!.keys()].filter((name) =>
      /^ladder.*\.output\.wide\.weight/.test(name)
    );
    assert(outputs.length > 0);
    for (const name of outputs) {
      assert(before!.get(name)!.data.some((value) => Math.abs(value) > 1e-3), "training moved it");
      assert(after!.get(name)!.data.every((value) => Math.abs(value) < 1e-6), `${name} is 0`);
    }
  }));

function assertNear(actual: FloatTensor, expected: FloatTensor, name: string): void {
  assertEquals([...actual.shape], [...expected.shape], name);
  actual.data.forEach((value, i) => assertAlmostEquals(value, expected.data[i]!, 1e-6, name));
}

function columnsOf({ shape, data }: FloatTensor, first: number, count: number): FloatTensor {
  const all = shape.at(-1)!, rows = data.length / all;
  const taken = Array.from(
    { length: rows },
    (_, row) => [...data.subarray(row * all + first, row * all + first + count)],
  ).flat();
  return { shape: [...shape.slice(0, -1), count], data: Float32Array.from(taken) };
}
