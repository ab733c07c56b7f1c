import * as tf from "@tensorflow/tfjs";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startEngine } from "../../../lib/engine/backend.ts";
import { countOperations } from "../../../lib/metrics/costs/operations.ts";
import { encode, initVisionTransformer } from "../../../lib/nn/vision_transformer.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { loadTeacher } from "../../../lib/teachers/zoo/zoo.ts";

Deno.test("products are counted whichever operand is transposed", async () => {
  await startEngine();
  const a = tf.ones<tf.Rank.R2>([2, 3]), b = tf.ones<tf.Rank.R2>([3, 5]);
  const expected = 2 * 2 * 3 * 5;
  assertEquals(await countOperations(() => tf.matMul(a, b)), expected);
  assertEquals(await countOperations(() => tf.matMul(a.transpose(), b, true)), expected);
  const transposed = () => tf.matMul(a, tf.transpose(b), false, true);
  assertEquals(await countOperations(transposed), expected);
  assertEquals(await countOperations(() => tf.add(a, 1)), 0);
});

Deno.test("convolutions are counted by hand: dense, fused, and channel by channel", async () => {
  await startEngine();
  const x = tf.ones<tf.Rank.R4>([2, 8, 6, 3]);
  const dense = tf.ones<tf.Rank.R4>([3, 3, 3, 5]), deep = tf.ones<tf.Rank.R4>([3, 3, 3, 1]);
  const [strides, pad, places] = [2, "same" as const, 2 * 4 * 3];
  assertEquals(await countOperations(() => tf.conv2d(x, dense, strides, pad)), 2 * places * 5 * 27);
  const fused = { x, filter: dense, strides, pad };
  assertEquals(await countOperations(() => tf.fused.conv2d(fused)), 2 * places * 5 * 27);
  const depthwise = { x, filter: deep, strides, pad };
  assertEquals(await countOperations(() => tf.fused.depthwiseConv2d(depthwise)), 2 * places * 27);
  const plain = () => tf.depthwiseConv2d(x, deep, strides, pad);
  assertEquals(await countOperations(plain), 2 * places * 27);
});

Deno.test("a vision transformer has the operations that were counted by hand", async () => {
  await startEngine();
  const small = { imageSize: 4, patchSize: 2, width: 8, depth: 1, heads: 2, mlpRatio: 1 };
  const count = (stem: "patch" | "convolution") => {
    const parameters = initVisionTransformer({ ...small, stem }, randomStream(0));
    return countOperations(() => encode(parameters, tf.zeros([1, 4, 4, 3]), { ...small, stem }));
  };
  // 4 patches of 12 numbers, 5 tokens: 2 (4 12 8 + 5 (4 + 2) 64 + 2 25 8).
  assertEquals(await count("patch"), 2 * (384 + 1920 + 400));
  // One convolution of 9 x 3 to 8 channels at 4 places, then 8 to 8.
  assertEquals(await count("convolution"), 2 * (4 * 27 * 8 + 4 * 64 + 1920 + 400));
});

Deno.test("MobileNetV2 has its published 300 million multiplications and additions", async () => {
  await startEngine();
  const teacher = await loadTeacher("mobilenet_v2_imagenet");
  const { size } = teacher.input;
  const count = await countOperations(() => teacher.features(tf.zeros([1, size, size, 3])));
  assertAlmostEquals(count / 2e6, 300, 2);
  teacher.dispose();
});
