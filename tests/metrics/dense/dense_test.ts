import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { depthLoss } from "../../../lib/metrics/dense/depth_head.ts";
import { depthScore } from "../../../lib/metrics/dense/depth_score.ts";
import { fitDepth, predictDepth } from "../../../lib/metrics/dense/linear_depth.ts";
import {
  fitSegmentation,
  predictSegmentation,
} from "../../../lib/metrics/dense/linear_segmentation.ts";
import {
  patchBank,
  patchKnnSegmentation,
} from "../../../lib/metrics/dense/patch_knn_segmentation.ts";
import { segmentationLoss } from "../../../lib/metrics/dense/segmentation_head.ts";
import {
  confusionMatrix,
  segmentationScore,
} from "../../../lib/metrics/dense/segmentation_score.ts";
import { upsampleMaps } from "../../../lib/nn/upsample.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import golden from "../../golden/dense.json" with { type: "json" };
import { numbers } from "../labelled_fixture.ts";

await startEngine();

Deno.test("maps are upsampled as PyTorch does it, to 1e-6", async () => {
  const large = upsampleMaps(tf.tensor4d(numbers(48, 1), [2, 3, 4, 2]), [7, 9]);
  const found = await large.data();
  golden.upsampled.forEach((value, i) => assertAlmostEquals(found[i]!, value, 1e-6));
});

Deno.test("the losses of both heads are PyTorch's, to 1e-6", async () => {
  const logits = tf.tensor3d(numbers(24, 2), [2, 4, 3]);
  const classes = Int32Array.from({ length: 32 }, (_, i) => [0, 1, 2, 255][i % 4]!);
  const truth = tf.tensor3d(classes, [2, 4, 4], "int32");
  const [segmentation] = await segmentationLoss(logits, truth, [2, 2]).data();
  assertAlmostEquals(segmentation!, golden.segmentationLoss, 1e-6);
  const maps = [3, 4].map((seed) =>
    tf.add<tf.Tensor3D>(tf.tensor3d(numbers(18, seed), [2, 3, 3]), 2)
  );
  const [depth] = await depthLoss(maps[0]!, maps[1]!).data();
  assertAlmostEquals(depth!, golden.depthLoss, 1e-6);
});

Deno.test("IoU of every class is numpy's, and its first-order scores have the mean IoU as mean", () => {
  const { truth, found, ious } = golden.score;
  const confusions = [0, 1, 2, 3, 4].map((image) =>
    confusionMatrix(
      Uint8Array.from(truth.slice(64 * image, 64 * image + 64)),
      Uint8Array.from(found.slice(64 * image, 64 * image + 64)),
      8,
    )
  );
  const { classIou, meanIou, scores } = segmentationScore(confusions, 8);
  ious.forEach((iou, label) => assertAlmostEquals(classIou[label]!, iou, 1e-9));
  assertAlmostEquals(meanIou, ious.reduce((sum, iou) => sum + iou, 0) / 8, 1e-9);
  assertAlmostEquals(100 * scores.reduce((sum, one) => sum + one, 0) / 5, meanIou, 1e-9);
});

Deno.test("masks of other sizes and labels out of range are refused", () => {
  const sizes = () => confusionMatrix(new Uint8Array(4), new Uint8Array(5), 2);
  assertThrows(sizes, UserError, "4 true and 5 predicted");
  const labels = () => confusionMatrix(Uint8Array.of(2), Uint8Array.of(0), 2);
  assertThrows(labels, UserError, "classes from 0 to 1");
  assertThrows(() => segmentationScore([new Uint32Array(4)], 2), UserError, "none of the pixels");
});

/** Images whose tokens say which half of each patch's pixels is of class 1, or how far it is. */
function halves(images: number) {
  const grid = [2, 2] as const, side = 8, width = 3;
  const noise = numbers(images * 4 * width, 9);
  const masks = new Uint8Array(images * side * side);
  const depths = new Float32Array(masks.length);
  const tokens = noise.map((value, i) => {
    const patch = Math.floor(i / width);
    const own = noise[patch * width]! > 0 ? 1 : 0;
    return i % width === 1 ? own + 0.1 * value : value;
  });
  for (let pixel = 0; pixel < masks.length; pixel++) {
    const image = Math.floor(pixel / 64), row = Math.floor(pixel % 64 / 8), column = pixel % 8;
    const patch = image * 4 + 2 * Math.floor(row / 4) + Math.floor(column / 4);
    masks[pixel] = noise[patch * width]! > 0 ? 1 : 0;
    depths[pixel] = 1 + masks[pixel]!;
  }
  return { tokens, grid, width, masks, depths, side, classes: 2 };
}

Deno.test("heads and votes learn what tokens say", async () => {
  const set = halves(24);
  const right = (found: Uint8Array) =>
    found.filter((label, i) => label === set.masks[i]).length / found.length;
  const head = await fitSegmentation(set, randomStream(0), { steps: 150, learningRate: 0.02 });
  assert(right(await predictSegmentation(head, set, 8)) > 0.85);
  const bank = patchBank(set, randomStream(0));
  assert(right(await patchKnnSegmentation(bank, set, 8, { k: 5 })) > 0.85);
  const depth = await fitDepth(set, randomStream(0), { steps: 200, learningRate: 0.02 });
  const { rmse } = depthScore(set.depths, await predictDepth(depth, set, 8), 24);
  assert(rmse < 0.35, `${rmse}, where the mean of all depths is off by 0.5`);
  tf.dispose(depth.parameters);
});

Deno.test("the same seed gives the same head, and broken tokens are refused", async () => {
  const set = halves(6);
  const fit = () => fitSegmentation(set, randomStream(3), { steps: 5 });
  assertEquals(await fit(), await fit());
  const broken = { ...set, tokens: set.tokens.map((value, i) => i === 5 ? NaN : value) };
  await assertRejects(() => fitSegmentation(broken, randomStream(0)), UserError, "finite");
  const holes = { ...set, depths: set.depths.map((value, i) => i === 70 ? 0 : value) };
  await assertRejects(() => fitDepth(holes, randomStream(0)), UserError, "image 1");
});
