/** Golden values: tests/golden/nn/pruning.py, numpy in double precision. */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startEngine } from "../../lib/engine/backend.ts";
import { UserError } from "../../lib/errors/user_error.ts";
import { convolutionalStages } from "../../lib/nn/convolutional/convolutional_config.ts";
import { encodeImages, type EncoderParameters, encoderShapes } from "../../lib/nn/encoder.ts";
import { initVisionTransformer } from "../../lib/nn/vision_transformer.ts";
import { fromNamedTensors } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";
import { layoutOfShapes } from "../../lib/tensors/shapes.ts";
import golden from "../golden/nn/pruning.json" with { type: "json" };

await startEngine();
const { config, tensors, images, cls, patch } = golden.transformer;

Deno.test("a transformer of unequal blocks computes what numpy does", async () => {
  const entries = Object.entries(tensors);
  const parameters = fromNamedTensors(
    entries.map(([name, { shape, data }]) => [name, tf.tensor(data, shape)] as const),
  ) as EncoderParameters;
  const layout = layoutOfShapes(encoderShapes(config)).entries;
  assertEquals(
    new Map(layout.map(({ name, shape }) => [name, `${shape}`])),
    new Map(entries.map(([name, { shape }]) => [name, `${shape}`])),
  );
  const features = encodeImages(parameters, tf.tensor4d(images, [2, 8, 8, 3]), config);
  for (const [tensor, expected] of [[features.cls, cls], [features.patch, patch]] as const) {
    const actual = await tensor.data();
    expected.forEach((value, i) => assertAlmostEquals(actual[i]!, value, 1e-4));
  }
});

Deno.test("it is drawn in these shapes, and every weight learns", async () => {
  const parameters = initVisionTransformer(config, randomStream(0));
  assertEquals(parameters.blocks[1]!.attention.qkv.weight.shape, [8, 3 * (2 + 2 + 2)]);
  assertEquals(parameters.blocks[0]!.attention.output.weight.shape, [4, 8]);
  assertEquals(parameters.blocks[0]!.mlp.hidden.weight.shape, [8, 5]);
  const input = tf.tensor4d(images, [2, 8, 8, 3]);
  const gradient = tf.grad((qkv: tf.Tensor) => {
    const { attention, ...block } = parameters.blocks[0]!;
    const changed = { ...attention, qkv: { ...attention.qkv, weight: qkv as tf.Tensor2D } };
    const blocks = { ...parameters.blocks, 0: { ...block, attention: changed } };
    return tf.sum(tf.square(encodeImages({ ...parameters, blocks }, input, config).cls));
  })(parameters.blocks[0]!.attention.qkv.weight);
  // Softmax of one query width is not flat, so each column has a gradient.
  const columns = await tf.sum(tf.abs(gradient), 0).data();
  assert(columns.every((value) => value > 0), `${columns}`);
});

Deno.test("widths that are not one for each block are refused", () => {
  const error = assertThrows(
    () => encoderShapes({ ...config, headCounts: [2] }),
    UserError,
  );
  assert(error.message.includes("headCounts are [2], expected 2 whole numbers"));
  for (const hiddenWidths of [[8], Array(3).fill(0), Array(3).fill(1.5)]) {
    const refused = assertThrows(
      () => convolutionalStages({ kind: "resnet_cifar", blocks: 1, imageSize: 32, hiddenWidths }),
      UserError,
    );
    assert(refused.message.includes("expected 3 whole numbers of at least 1"));
  }
});
