import * as tf from "@tensorflow/tfjs";
import { initPatchEmbedding, patchEmbedding } from "../../lib/nn/patch_embedding.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { assertCase, golden, type GoldenCase } from "../golden_values_fixture.ts";
import "../pure_backend_fixture.ts";

Deno.test("patchEmbedding equals PyTorch's convolution, with its gradients", () => {
  const config = { patchSize: 2, width: 5 };
  const start = { stem: initPatchEmbedding(config, randomStream(0)) };
  const { patch_embedding } = golden<{ patch_embedding: GoldenCase }>("nn/nn");
  assertCase(
    patch_embedding,
    start,
    [2, 4, 6, 3],
    ({ stem }, x) => patchEmbedding(stem, x as tf.Tensor4D, config),
  );
});
