/** Depth by a linear layer to bins on frozen tokens. */
import * as tf from "@tensorflow/tfjs";
import { initLinear, linear, type LinearParameters } from "../../nn/linear.ts";
import type { Grid } from "../../nn/token_grid.ts";
import { upsampleMaps } from "../../nn/upsample.ts";
import type { RandomStream } from "../../tensors/random.ts";

/** Depths that a head can predict, in the unit of the set. */
export interface DepthBins {
  /** The nearest. */
  readonly nearest: number;
  /** The farthest. */
  readonly farthest: number;
  /** Number of bins, at equal distances. Default: 256. */
  readonly bins?: number | undefined;
}

/** One linear layer over patch tokens and, where there is one, CLS, taken apart into its two halves. */
export type DepthHeadParameters = {
  /** `weight [width, bins]` and `bias [bins]` */
  readonly patch: LinearParameters;
  /** `[width, bins]` */
  readonly cls?: tf.Tensor2D;
};

/** Factor by which tokens are upsampled before they are read. */
const finer = 4;
/** Keeps the logarithm of a depth of 0 finite. */
const epsilon = 1e-3;
/** Weight in the loss of a common factor of all depths. */
const scaleWeight = 0.15;

/** The head before its first update: the package's first weights. */
export function initDepthHead(
  { width, bins, cls }: { readonly width: number; readonly bins: number; readonly cls: boolean },
  random: RandomStream,
): DepthHeadParameters {
  const layer = (name: string) => initLinear({ inputs: width, outputs: bins }, random.at(name));
  return { patch: layer("patch"), ...cls ? { cls: layer("cls").weight } : {} };
}

/**
 * Depth maps `[images, side, side]`: the tokens four times as fine, CLS beside each, are made into
 * scores of the bins; of these, cut off at 0 and raised by 0.1, the depth is the weighted mean. All of
 * it is linear up to the scores, so the layer is applied before the upsampling, which is sixteen times
 * cheaper and gives the same.
 *
 * @param patch `[images, rows * columns, width]`
 * @param cls `[images, width]`, where the head has weights for it.
 * @source DINOv2's linear depth head, after Bhat et al., "AdaBins" (2021).
 */
export function depthMaps(
  { patch: layer, cls: clsWeight }: DepthHeadParameters,
  { patch, cls }: { readonly patch: tf.Tensor3D; readonly cls?: tf.Tensor2D },
  { grid: [rows, columns], side, nearest, farthest }: DepthBins & {
    readonly grid: Grid;
    readonly side: number;
  },
): tf.Tensor3D {
  const images = patch.shape[0], bins = layer.bias.shape[0];
  const scores = linear<tf.Rank.R3>(layer, patch);
  let maps = upsampleMaps(
    tf.reshape<tf.Rank.R4>(scores, [images, rows, columns, bins]),
    [finer * rows, finer * columns],
  );
  if (clsWeight !== undefined && cls !== undefined) {
    maps = tf.add(maps, tf.reshape(tf.matMul(cls, clsWeight), [images, 1, 1, bins]));
  }
  const positive = tf.add(tf.relu(maps), 0.1);
  const depths = tf.linspace(nearest, farthest, bins);
  const mean = tf.div(tf.sum(tf.mul(positive, depths), -1), tf.sum(positive, -1));
  const map = tf.reshape<tf.Rank.R4>(mean, [images, finer * rows, finer * columns, 1]);
  return tf.reshape(upsampleMaps(map, [side, side]), [images, side, side]);
}

/**
 * Scale-invariant logarithmic loss, `sqrt(var(g) + 0.15 mean(g)^2)` with `g` the differences of the
 * logarithms: errors count by their ratio to the depth, and a common factor counts little.
 *
 * @param predicted `[images, side, side]`
 * @param truth `[images, side, side]`, positive.
 * @source Eigen et al., "Depth map prediction from a single image" (2014); the weight is DINOv2's.
 */
export function depthLoss(predicted: tf.Tensor3D, truth: tf.Tensor3D): tf.Scalar {
  const ratio = tf.sub(tf.log(tf.add(predicted, epsilon)), tf.log(tf.add(truth, epsilon)));
  const { mean, variance } = tf.moments(ratio);
  // The root of 0 has no slope.
  return tf.sqrt(tf.add(tf.add(variance, tf.mul(scaleWeight, tf.square(mean))), 1e-12));
}
