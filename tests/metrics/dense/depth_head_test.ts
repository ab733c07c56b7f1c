import { assertAlmostEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { depthMaps } from "../../../lib/metrics/dense/depth_head.ts";
import "../../pure_backend_fixture.ts";

const [nearest, farthest] = [2, 10];

Deno.test("a depth is the mean of the bins from nearest to farthest, by their scores above 0.1", () => {
  const layer = { weight: tf.zeros<tf.Rank.R2>([1, 2]), bias: tf.tensor1d([0.3, -1]) };
  const place = { grid: [1, 1], side: 1, nearest, farthest } as const;
  const patch = tf.ones<tf.Rank.R3>([1, 1, 1]);
  const [alone] = depthMaps({ patch: layer }, { patch }, place).dataSync();
  assertAlmostEquals(alone!, (0.4 * 2 + 0.1 * 10) / 0.5, 1e-6);
  const cls = tf.tensor2d([[0.2, 1.5]]);
  const tokens = { patch, cls: tf.ones<tf.Rank.R2>([1, 1]) };
  const [both] = depthMaps({ patch: layer, cls }, tokens, place).dataSync();
  assertAlmostEquals(both!, 6, 1e-6, "scores of 0.5 for both bins");
});

Deno.test("scores are enlarged four times before they become depths", () => {
  const layer = { weight: tf.tensor2d([[1, 0]]), bias: tf.zeros<tf.Rank.R1>([2]) };
  const patch = tf.tensor3d([0, 4], [1, 2, 1]);
  const place = { grid: [1, 2], side: 8, nearest, farthest } as const;
  const depths = depthMaps({ patch: layer }, { patch }, place).dataSync();
  // Pixel 2 of 8 lies an eighth of the way from the first patch to the second: score 0.5.
  assertAlmostEquals(depths[2]!, (0.6 * 2 + 0.1 * 10) / 0.7, 1e-5);
  assertAlmostEquals(depths[0]!, 6, 1e-5);
  assertAlmostEquals(depths[7]!, (4.1 * 2 + 0.1 * 10) / 4.2, 1e-5);
});
