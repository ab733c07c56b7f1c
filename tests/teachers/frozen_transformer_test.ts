import { assertAlmostEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  frozenTransformer,
  type FrozenTransformerConfig,
} from "../../lib/teachers/frozen_transformer.ts";
import "../pure_backend_fixture.ts";

const norm = { weight: tf.ones<tf.Rank.R1>([2]), bias: tf.zeros<tf.Rank.R1>([2]) };
const layer = (weight: number[][], outputs = 2) => ({
  weight: tf.tensor2d(weight),
  bias: tf.zeros<tf.Rank.R1>([outputs]),
});
const identity = [[1, 0], [0, 1]];
const parameters = {
  cls: tf.tensor2d([[1, 3]]),
  position: tf.zeros<tf.Rank.R2>([2, 2]),
  stem: layer([[1, 0], [0, 1], [0, 0]]),
  blocks: {
    0: {
      norm1: norm,
      // Attention that adds nothing.
      attention: {
        qkv: layer([Array(6).fill(0), Array(6).fill(0)], 6),
        output: layer([[0, 0], [0, 0]]),
      },
      norm2: norm,
      mlp: { hidden: layer(identity), output: layer(identity) },
    },
  },
};
const config: FrozenTransformerConfig = {
  ...{ patchSize: 1, width: 2, depth: 1, heads: 1, grid: [1, 1] },
  positions: { offset: 0, antialias: false },
  epsilon: 0.5,
  activation: "quick_gelu",
};

/** Numbers after their norm with the epsilon, half the MLP's way, by hand. */
function norms([a, b]: readonly [number, number], epsilon: number): [number, number] {
  const mean = (a + b) / 2, root = Math.sqrt(((a - b) / 2) ** 2 + epsilon);
  return [(a - mean) / root, (b - mean) / root];
}

const quick = (x: number) => x / (1 + Math.exp(-1.702 * x));

Deno.test("every norm has the family's own epsilon, and the MLP its activation", () => {
  const image = tf.tensor4d([2, 5, 0], [1, 1, 1, 3]);
  const after = (token: readonly [number, number]) =>
    norms(token, 0.5).map((x, i) => token[i]! + quick(x)) as [number, number];
  const plain = frozenTransformer(parameters, image, config);
  const normed = frozenTransformer({ ...parameters, norm }, image, config);
  for (const [type, token] of [["cls", [1, 3]], ["patch", [2, 5]]] as const) {
    const expected = after(token), last = norms(expected, 0.5);
    for (const i of [0, 1]) {
      assertAlmostEquals(plain[type].dataSync()[i]!, expected[i]!, 1e-5);
      assertAlmostEquals(normed[type].dataSync()[i]!, last[i]!, 1e-5);
    }
  }
});
