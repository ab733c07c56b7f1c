/**
 * The patch embedding: one linear layer from the pixels of a patch to a token.
 *
 * @source Dosovitskiy et al., An image is worth 16x16 words, 2021, equation 1.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import { checkShape } from "../tensors/check_shape.ts";
import type { RandomStream } from "../tensors/random.ts";
import { initLinear, linear, type LinearParameters } from "./linear.ts";

/** Shape of a patch embedding. */
export interface PatchEmbeddingConfig {
  /** Height and width of a patch, in pixels. */
  readonly patchSize: number;
  /** Width of the tokens. */
  readonly width: number;
}

/**
 * Draws the parameters of a patch embedding: one linear layer from the `patchSize * patchSize * 3`
 * numbers of a patch, in the order row, column, channel.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initPatchEmbedding } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const { weight } = initPatchEmbedding({ patchSize: 4, width: 8 }, randomStream(0));
 * if (weight.shape[0] !== 48) throw new Error("Expected the numbers of a patch");
 * ```
 */
export function initPatchEmbedding(
  config: PatchEmbeddingConfig,
  random: RandomStream,
): LinearParameters {
  return initLinear({ inputs: config.patchSize ** 2 * 3, outputs: config.width }, random);
}

/**
 * Maps images `[batch, height, width, 3]` to patch tokens `[batch, patches, width]`, row by row. It
 * equals a convolution whose stride is its size, hence reshape and product.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initPatchEmbedding, patchEmbedding } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { patchSize: 4, width: 8 };
 * const parameters = initPatchEmbedding(config, randomStream(0));
 * const tokens = patchEmbedding(parameters, tf.ones([1, 8, 12, 3]), config);
 * if (tokens.shape[1] !== 6) throw new Error("Expected 2 x 3 patches");
 * ```
 */
export function patchEmbedding(
  parameters: LinearParameters,
  images: tf.Tensor4D,
  config: PatchEmbeddingConfig,
): tf.Tensor3D {
  checkPatches(images, config.patchSize);
  const [batch, height, width] = images.shape, size = config.patchSize;
  const rows = height / size, columns = width / size;
  const strips = tf.reshape(images, [batch * rows, size, columns, size * 3]);
  const patches = tf.transpose(strips, [0, 2, 1, 3]);
  return linear(
    parameters,
    tf.reshape<tf.Rank.R3>(patches, [batch, rows * columns, size * size * 3]),
  );
}

/**
 * Refuses images that no whole number of patches covers.
 *
 * @param images `[batch, height, width, 3]`
 * @param fitting a side in pixels to name as one that fits. Default: none
 * @throws {UserError} for sides that are no multiples of the patch size
 */
export function checkPatches(images: tf.Tensor4D, size: number, fitting?: number): void {
  checkShape("images", images, ["batch", "height", "width", 3]);
  const [, height, width] = images.shape;
  if (height % size === 0 && width % size === 0) return;
  throw new UserError(
    `Cannot cut images of ${height} x ${width} pixels into patches of ${size}: expected multiples. ` +
      `Resize the images${fitting === undefined ? "" : `, for instance to ${fitting}`}`,
  );
}
