/** A floor under the deviations of features that hardly ever fire. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { fitStatistics } from "../../../lib/method/standardizers/fit.ts";
import { floorDeviations } from "../../../lib/method/standardizers/least_deviation.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { defineRecipe } from "../../../lib/recipe/recipe.ts";

await startEngine();

/** Deviations 0, 2 and 4 by n - 1: the mean is 2. */
const rows = [[5, 1, 1], [5, 3, 5], [5, 5, 9]];

Deno.test("a fitted feature that never changes counts as a share of the mean deviation", async () => {
  const deviations = async (leastDeviation: number) => {
    const fit = fitStatistics("fixed", { leastDeviation });
    await fit.add({ a: { cls: tf.tensor2d(rows) } });
    const { a } = fit.finish(randomStream(0));
    return [...await a!.cls!.std.data()].map((one) => Math.round(1e4 * one) / 1e4);
  };
  assertEquals(await deviations(0), [0, 2, 4]);
  assertEquals(await deviations(0.5), [1, 2, 4]);
  assertEquals(await deviations(1), [2, 2, 4]);
});

Deno.test("running statistics have the floor of each batch, by teacher and type of token", async () => {
  const token = (...std: number[]) => ({ mean: tf.zeros<tf.Rank.R1>([2]), std: tf.tensor1d(std) });
  const before = { a: { cls: token(0, 4), patch: token(1, 1) }, b: { cls: token(0, 40) } };
  const { a, b } = floorDeviations(before, 0.25);
  assertEquals([...await a!.cls!.std.data()], [0.5, 4]);
  assertEquals([...await a!.patch!.std.data()], [1, 1]);
  assertEquals([...await b!.cls!.std.data()], [5, 40]);
  assertEquals(floorDeviations(before, 0), before);
});

Deno.test("a recipe has no floor unless it says so", () => {
  const recipe = (standardizer?: { leastDeviation: number }) =>
    defineRecipe({
      name: "floor",
      images: { sources: [{ path: "digits.zip" }], size: 32 },
      teachers: ["digits"],
      student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
      optimization: { batchSize: 64, steps: 9 },
      ...standardizer && { standardizer },
    }).standardizer.leastDeviation;
  assertEquals([recipe(), recipe({ leastDeviation: 0.05 })], [undefined, 0.05]);
});
