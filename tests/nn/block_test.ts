import * as tf from "@tensorflow/tfjs";
import { block, initBlock } from "../../lib/nn/block.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertCase, golden, type GoldenCase } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("block equals PyTorch's, with its gradients and with dropped branches", () => {
  const config = { width: 6, heads: 3 };
  const dropPath = tf.tensor2d([[0, 2], [1.25, 1]]);
  const { block: expected } = golden<{ block: GoldenCase }>("nn");
  assertCase(
    expected,
    initBlock(config, randomStream(0)),
    [2, 5, 6],
    (parameters, x) => block(parameters, x as tf.Tensor3D, config, { dropPath }),
  );
});
