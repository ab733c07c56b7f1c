/** Which statistics a step gives to the next one. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import type { StandardizerKind } from "../../lib/method/standardizers/standardizer.ts";
import { distillGradients } from "../../lib/method/step.ts";
import { initParameters } from "../../lib/method/student.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import "../pure_backend_fixture.ts";

const grid = [2, 2] as const;
const student = {
  encoder: { imageSize: 4, patchSize: 2, width: 4, depth: 1, heads: 2 },
  ladder: { width: 4, depth: 1, grid, teachers: [{ name: "a", width: 1, tokens: ["cls"], grid }] },
} as const;

/** The mean after a step of the features 1 and 3 that weighs a quarter, from a mean of 0. */
function meanAfter(standardizer: StandardizerKind): number {
  const { parameters, layout } = initParameters(student, randomStream(0));
  const { statistics } = distillGradients(
    { parameters, statistics: { a: { cls: { mean: tf.tensor1d([0]), std: tf.tensor1d([1]) } } } },
    {
      images: tf.zeros<tf.Rank.R4>([2, 4, 4, 3]),
      targets: { a: { cls: tf.tensor2d([[1], [3]]) } },
    },
    {
      dropUniforms: tf.zeros([2, 1]),
      dropProbability: tf.scalar(0),
      dropPath: tf.ones([1, 2, 2]),
      standardizerWeight: tf.scalar(0.25),
    },
    {
      ...{ student, layout, standardizer, input: { size: 4, mean: [0, 0, 0], std: [1, 1, 1] } },
      balancing: { kind: "none", normalization: "matrix", level: "image", momentum: 0 },
      optimizer: { weightDecay: 0, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
    },
  );
  return statistics.a!.cls!.mean.dataSync()[0]!;
}

Deno.test("running statistics take a batch in by its weight, fitted ones stay", () => {
  const kinds = ["ema", "batch", "fixed", "global"] as const;
  assertEquals(kinds.map(meanAfter), [0.5, 0.5, 0, 0]);
});
