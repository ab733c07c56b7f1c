import * as tf from "@tensorflow/tfjs";
import { block, initBlock } from "../../lib/nn/block.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import {
  assertCase,
  assertClose,
  fill,
  golden,
  type GoldenCase,
} from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("block equals PyTorch's, with its gradients and with dropped branches", () => {
  const config = { width: 6, heads: 3 };
  const dropPath = tf.tensor2d([[0, 2], [1.25, 1]]);
  const { block: expected } = golden<{ block: GoldenCase }>("nn/nn");
  assertCase(
    expected,
    initBlock(config, randomStream(0)),
    [2, 5, 6],
    (parameters, x) => block(parameters, x as tf.Tensor3D, config, { dropPath }),
  );
});

Deno.test("LayerScale multiplies each branch by its own numbers", () => {
  const config = { width: 6, heads: 3 };
  const plain = initBlock(config, randomStream(1));
  const x = fill<tf.Rank.R3>([2, 5, 6], 9);
  const scaled = {
    ...plain,
    scale1: tf.fill<tf.Rank.R1>([6], 2),
    scale2: tf.fill<tf.Rank.R1>([6], 3),
  };
  // The multipliers of stochastic depth do the same for whole images.
  const dropPath = tf.tensor2d([[2, 2], [3, 3]]);
  const expected = block(plain, x, config, { dropPath });
  assertClose(block(scaled, x, config), expected.dataSync(), 1e-6);
});
