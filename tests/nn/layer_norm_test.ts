import * as tf from "@tensorflow/tfjs";
import { assert } from "@std/assert";
import { initLayerNorm, layerNorm, type LayerNormParameters } from "../../lib/nn/layer_norm.ts";
import { assertCase, assertClose, golden, type GoldenCase } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("layerNorm equals PyTorch, with its gradients", () => {
  const { layer_norm } = golden<{ layer_norm: GoldenCase }>("nn/nn");
  const start = { norm: initLayerNorm({ width: 5 }) };
  assertCase(layer_norm, start, [2, 3, 5], ({ norm }, x) => layerNorm(norm, x));
});

Deno.test("layerNorm's written gradient equals the one derived op by op", () => {
  const derived = ({ weight, bias }: LayerNormParameters, x: tf.Tensor) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return x.sub(mean).div(variance.add(1e-6).sqrt()).mul(weight).add(bias);
  };
  const x = tf.tensor2d([[1, 2, 4], [0, -3, 0.5]]), weight = tf.tensor1d([1, 2, -1]);
  const direction = tf.tensor2d([[1, -1, 2], [0.5, 3, 1]]), bias = tf.zeros<tf.Rank.R1>([3]);
  const gradients = (forward: typeof derived) =>
    tf.grads((x, weight) =>
      forward({ weight: weight as tf.Tensor1D, bias }, x!).mul(direction).sum()
    )(
      [x, weight],
    );
  const written = gradients(layerNorm);
  gradients(derived).forEach((expected, i) => assertClose(written[i]!, expected.dataSync(), 1e-6));
});

Deno.test("layerNorm of a constant token is finite, and so is its gradient", () => {
  const parameters = initLayerNorm({ width: 4 });
  const gradient = tf.grad((x) => tf.sum(tf.square(layerNorm(parameters, x))))(tf.fill([1, 4], 7));
  assert(layerNorm(parameters, tf.fill([1, 4], 7)).dataSync().every((value) => value === 0));
  assert(gradient.dataSync().every(Number.isFinite));
});
