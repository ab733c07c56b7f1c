import { assert, assertEquals, assertRejects } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
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
import { randomStream } from "../../../lib/tensors/random.ts";
import { UserError } from "../../../lib/errors/user_error.ts";
import { numbers } from "../labelled_fixture.ts";

await startEngine();

/** Images whose tokens tell the class and the depth of their patch. */
function halves(images: number) {
  const grid = [2, 2] as const, side = 8, width = 3;
  const noise = numbers(images * 4 * width, 9);
  const masks = new Uint8Array(images * side * side);
  const depths = new Float32Array(masks.length);
  const tokens = noise.map((value, i) => {
    const patch = Math.floor(i / width);
    const label = noise[patch * width]! > 0 ? 1 : 0;
    return i % width === 1 ? label + 0.1 * value : value;
  });
  for (let pixel = 0; pixel < masks.length; pixel++) {
    const image = Math.floor(pixel / 64), row = Math.floor(pixel % 64 / 8), column = pixel % 8;
    const patch = image * 4 + 2 * Math.floor(row / 4) + Math.floor(column / 4);
    masks[pixel] = noise[patch * width]! > 0 ? 1 : 0;
    depths[pixel] = 1 + masks[pixel]!;
  }
  return { tokens, grid, width, masks, depths, side, classes: 2 };
}

Deno.test("heads and votes learn masks and depths from tokens", async () => {
  const set = halves(24);
  const right = (predicted: Uint8Array) =>
    predicted.filter((label, i) => label === set.masks[i]).length / predicted.length;
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
