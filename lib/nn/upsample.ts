/**
 * Bilinear resizing of maps of many channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { resizeMatrix } from "./resize.ts";
import type { Grid } from "./token_grid.ts";

/**
 * Resizes maps of many channels: bilinear with pixel centres at halves, as PyTorch's `interpolate`
 * with `align_corners=False` where the map grows, antialiased where it shrinks. The result equals
 * that of {@linkcode resizeImages}, whose matrix would be too large for so many channels.
 *
 * @param maps `[batch, rows, columns, channels]`.
 * @param size Rows and columns of the result.
 * @returns `[batch, rows, columns, channels]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { upsampleMaps } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const line = upsampleMaps(tf.tensor4d([[[[0], [4]]]]), [1, 4]);
 * if ((await line.data()).join() !== "0,1,3,4") throw new Error("Quarters between the centres");
 * ```
 */
export function upsampleMaps(maps: tf.Tensor4D, size: Grid): tf.Tensor4D {
  const [batch, rows, columns, channels] = maps.shape;
  const [height, width] = size;
  // Columns first, so that the transpose of all numbers is that of the small map.
  const lines = tf.reshape<tf.Rank.R2>(tf.transpose(maps, [0, 1, 3, 2]), [-1, columns]);
  const right = tf.tensor2d(resizeMatrix(columns, width), [width, columns]);
  const wide = tf.reshape<tf.Rank.R3>(tf.matMul(lines, right, false, true), [
    batch,
    rows,
    channels * width,
  ]);
  const left = tf.tensor3d(resizeMatrix(rows, height), [1, height, rows]);
  // Repeated for each image: tfjs has no gradient for products that broadcast.
  const tall = tf.matMul(tf.tile(left, [batch, 1, 1]), wide);
  return tf.transpose(tf.reshape<tf.Rank.R4>(tall, [batch, height, channels, width]), [0, 1, 3, 2]);
}
