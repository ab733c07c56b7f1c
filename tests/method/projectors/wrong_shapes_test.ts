/** What does not fit is refused by the package, with a next step, and not by a kernel of the engine. */
import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertThrows } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import type { BlockOutputs } from "../../../lib/method/projectors/check_block_outputs.ts";
import {
  initProjector,
  project,
  type ProjectorConfig,
} from "../../../lib/method/projectors/projector.ts";
import { attention, initAttention } from "../../../lib/nn/attention.ts";
import { initLayerNorm, layerNorm } from "../../../lib/nn/layer_norm.ts";
import { initLinear, linear } from "../../../lib/nn/linear.ts";
import { initPatchEmbedding, patchEmbedding } from "../../../lib/nn/patch_embedding.ts";
import { encode, initVisionTransformer, splitTokens } from "../../../lib/nn/vision_transformer.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

await startEngine();

const random = randomStream(0);
const tokens = ["cls", "patch"] as const;
const grid = [2, 2] as const;
const shape = { width: 4, depth: 3, grid, teachers: [{ name: "a", width: 5, tokens, grid }] };
const kinds: readonly ProjectorConfig[] = [
  { kind: "ladder", ...shape },
  { kind: "top", ...shape },
  { kind: "transformer", ...shape, heads: 2 },
];
const outputs = (blocks: number, shape: [number, number, number] = [3, 5, 4]) =>
  Array.from({ length: blocks }, () => tf.ones<tf.Rank.R3>(shape));
/** A tensor whose rank the compiler does not know, as in JavaScript. */
const shapeless = (shape: number[]) =>
  tf.reshape<tf.Rank.R3>(
    tf.ones<tf.Rank>([shape.reduce((a, b) => a * b)]),
    shape as [number, number, number],
  );

for (const config of kinds) {
  Deno.test(`a ${config.kind} refuses other blocks, shapes and parameters by name`, () => {
    const parameters = initProjector(config, random);
    const refused = (blocks: BlockOutputs, message: string, other = parameters, as = config) =>
      assertThrows(() => project(other, blocks, as), UserError, message);
    assertEquals(project(parameters, outputs(3), config).a?.patch?.shape, [3, 4, 5]);
    for (const blocks of [0, 1, 2, 4]) {
      refused(outputs(blocks), `found the outputs of ${blocks} blocks, expected those of all 3`);
    }
    refused(outputs(3, [3, 5, 8]), "found the shape [3, 5, 8], expected [3, 5, 4]");
    const first = config.kind === "ladder" ? 0 : 2;
    refused(outputs(3, [3, 10, 4]), `output of block ${first}: found the shape [3, 10, 4]`);
    refused([...outputs(2), undefined], "found no output of block 2, which the projectors read");
    refused([...outputs(2), ...outputs(1, [2, 5, 4])], "block 2: found the shape [2, 5, 4]");
    refused([...outputs(2), shapeless([5, 4])], "found the shape [5, 4]");
    refused(outputs(3), "the parameters have no", {});
    const renamed = { ...config, teachers: [{ ...shape.teachers[0]!, name: "b" }] };
    refused(outputs(3), 'the parameters have no "b"', parameters, renamed);
  });
}

const vit = { imageSize: 8, patchSize: 4, width: 8, depth: 1, heads: 2 };
const layers: { readonly [name: string]: [run: () => unknown, message: string] } = {
  "linear": [
    () => linear(initLinear({ inputs: 3, outputs: 2 }, random), tf.ones([4, 6])),
    "found the shape [4, 6], expected [..., 3]",
  ],
  "layerNorm, which would broadcast": [
    () => layerNorm(initLayerNorm({ width: 4 }), tf.ones([2, 1])),
    "Cannot normalise the shape [2, 1]",
  ],
  "attention of another width": [
    () => attention(initAttention({ width: 8, heads: 2 }, random), tf.ones([1, 5, 6]), vit),
    "found the shape [1, 5, 6], expected [batch, tokens, 8]",
  ],
  "attention of heads that do not divide": [
    () =>
      attention(initAttention({ width: 8, heads: 2 }, random), tf.ones([1, 5, 8]), {
        width: 8,
        heads: 3,
      }),
    "width of 8 into 3 heads",
  ],
  "patchEmbedding of parts of patches": [
    () => patchEmbedding(initPatchEmbedding(vit, random), tf.ones([1, 8, 9, 3]), vit),
    "images of 8 x 9 pixels into patches of 4",
  ],
  "encode of grey images": [
    () => encode(initVisionTransformer(vit, random), tf.ones([1, 8, 8, 1]), vit),
    "found the shape [1, 8, 8, 1], expected [batch, height, width, 3]",
  ],
  "encode of one image": [
    () =>
      encode(
        initVisionTransformer(vit, random),
        tf.ones([8, 8, 3]) as tf.Tensor as tf.Tensor4D,
        vit,
      ),
    "found the shape [8, 8, 3]",
  ],
  "splitTokens of a matrix": [() => splitTokens(shapeless([5, 4])), "found the shape [5, 4]"],
};
for (const [name, [run, message]] of Object.entries(layers)) {
  Deno.test(`${name} is refused`, () => {
    assertThrows(run, UserError, message);
  });
}
