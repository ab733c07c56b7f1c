import type * as tf from "@tensorflow/tfjs";
import { convolution, initConvolution } from "../../lib/nn/convolution.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertCase, golden, type GoldenCase } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("convolution equals PyTorch's, with its gradients", () => {
  const start = { convolution: initConvolution({ inputs: 2, outputs: 3 }, randomStream(0)) };
  const { convolution: expected } = golden<{ convolution: GoldenCase }>("nn/nn");
  assertCase(expected, start, [2, 6, 4, 2], (p, x) => convolution(p.convolution, x as tf.Tensor4D));
});
