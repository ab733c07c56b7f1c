/** Batch normalisation of frozen tokens. */
import * as tf from "@tensorflow/tfjs";
import type { PatchTokens } from "./patch_tokens.ts";

/** Added to the variance, as PyTorch's BatchNorm does. */
const epsilon = 1e-5;

/** Mean of every number of a token, and 1 / deviation, `[width]` each. */
export interface TokenMoments {
  /** Of all patches of all images. */
  readonly mean: Float32Array;
  /** `1 / sqrt(variance + 1e-5)`, of the population. */
  readonly scale: Float32Array;
}

/**
 * Moments of batch normalisation, from all train tokens at once: the tokens are frozen, so the statistics
 * of batches would only be a noisy estimate of these, and no running mean is needed.
 */
export function tokenMoments(
  { tokens, width }: Pick<PatchTokens, "tokens" | "width">,
): TokenMoments {
  const rows = tokens.length / width;
  const [sum, squares] = [new Float64Array(width), new Float64Array(width)];
  for (let at = 0; at < tokens.length; at += width) {
    for (let i = 0; i < width; i++) sum[i]! += tokens[at + i]!;
  }
  for (let at = 0; at < tokens.length; at += width) {
    // From the mean, so that large equal numbers do not cancel.
    for (let i = 0; i < width; i++) squares[i]! += (tokens[at + i]! - sum[i]! / rows) ** 2;
  }
  return {
    mean: Float32Array.from(sum, (value) => value / rows),
    scale: Float32Array.from(squares, (value) => 1 / Math.sqrt(value / rows + epsilon)),
  };
}

/** Normalises tokens `[..., width]`: those of train images to mean 0 and variance 1. */
export function normalizeTokens<R extends tf.Rank>(
  tokens: tf.Tensor<R>,
  { mean, scale }: TokenMoments,
): tf.Tensor<R> {
  return tf.mul(tf.sub(tokens, tf.tensor1d(mean)), tf.tensor1d(scale));
}
