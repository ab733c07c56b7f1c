import * as tf from "@tensorflow/tfjs";
import { attention, initAttention } from "../../lib/nn/attention.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertCase, golden, type GoldenCase } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("attention equals PyTorch's, with its gradients", () => {
  const config = { width: 6, heads: 2 };
  const start = { attention: initAttention(config, randomStream(0)) };
  const { attention: expected } = golden<{ attention: GoldenCase }>("nn/nn");
  assertCase(
    expected,
    start,
    [2, 5, 6],
    (p, x) => attention(p.attention, x as tf.Tensor3D, config),
  );
});
