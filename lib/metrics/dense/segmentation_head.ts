/** A linear head on patch tokens, and its loss over pixels. */
import * as tf from "@tensorflow/tfjs";
import { initLinear, linear, type LinearParameters } from "../../nn/linear.ts";
import type { Grid } from "../../nn/token_grid.ts";
import { upsampleMaps } from "../../nn/upsample.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { normalizeTokens, type TokenMoments } from "./token_moments.ts";

/** Batch normalisation's scale and shift, then a 1 x 1 convolution. */
export type SegmentationHeadParameters = {
  /** `weight [width]` and `bias [width]` */
  readonly norm: { readonly weight: tf.Tensor1D; readonly bias: tf.Tensor1D };
  /** `weight [width, classes]` and `bias [classes]` */
  readonly head: LinearParameters;
};

/**
 * The head before its first update: a scale of one, a shift of zero, and the package's first weights.
 */
export function initSegmentationHead(
  config: { readonly width: number; readonly classes: number },
  random: RandomStream,
): SegmentationHeadParameters {
  const { width, classes } = config;
  return {
    norm: { weight: tf.ones<tf.Rank.R1>([width]), bias: tf.zeros<tf.Rank.R1>([width]) },
    head: initLinear({ inputs: width, outputs: classes }, random),
  };
}

/**
 * Logits of every patch, `[images, tokens, classes]`.
 *
 * @param patch `[images, tokens, width]`
 */
export function segmentationLogits(
  { norm, head }: SegmentationHeadParameters,
  patch: tf.Tensor3D,
  moments: TokenMoments,
): tf.Tensor3D {
  const normalized = tf.add(tf.mul(normalizeTokens(patch, moments), norm.weight), norm.bias);
  return linear<tf.Rank.R3>(head, normalized as tf.Tensor3D);
}

/**
 * Mean cross-entropy of the pixels that have a class.
 *
 * @param logits `[images, rows * columns, classes]`
 * @param truth `[images, side, side]`, int32; values beyond the classes are ignored.
 */
export function segmentationLoss(
  logits: tf.Tensor3D,
  truth: tf.Tensor3D,
  grid: Grid,
): tf.Scalar {
  const large = logitsAtSize(logits, grid, truth.shape[1]);
  // The row of an ignored pixel is zero, so that it adds nothing.
  const targets = tf.oneHot(truth, logits.shape[2]);
  const likelihood = tf.sum(tf.mul(targets, tf.logSoftmax(large)));
  return tf.neg(tf.div(likelihood, tf.maximum(tf.sum(tf.cast(targets, "float32")), 1)));
}

/** Logits `[images, side, side, classes]` of every pixel. */
export function logitsAtSize(
  logits: tf.Tensor3D,
  [rows, columns]: Grid,
  side: number,
): tf.Tensor4D {
  const [images, , classes] = logits.shape;
  const maps = tf.reshape<tf.Rank.R4>(logits, [images, rows, columns, classes]);
  return upsampleMaps(maps, [side, side]);
}
