import * as tf from "@tensorflow/tfjs";
import { averagingTaps } from "../tensors/cubic_convolution.ts";

/** A stretch of pixels along one side of an image. */
export interface Window {
  /** First pixel. */
  readonly start: number;
  /** Number of pixels. */
  readonly length: number;
}

/**
 * Writes the weights of an antialiased bicubic resampling into `matrix`, `[out, in]`, row-major and
 * zero before: row i has the weights of the window's pixels in output pixel i. Pixels outside the
 * window take no part, as if the image had been cropped first. Cubic with a = -0.5, widened by the
 * scale when shrinking, as Pillow does and torchvision on tensors with `antialias`.
 *
 * @param options in and out: pixels of the image and of the result; window: pixels that are
 *   resampled; transposed: write `[in, out]` instead; reversed: mirror the result.
 * @source Keys, "Cubic convolution interpolation for digital image processing" (1981).
 *
 * @example
 * ```ts
 * import { writeResampling } from "./resample.ts";
 * const matrix = new Float32Array(2 * 4);
 * writeResampling(matrix, { in: 4, out: 2, window: { start: 0, length: 2 } });
 * if (matrix.join() !== "1,0,0,0,0,1,0,0") throw new Error("Expected the first two pixels");
 * ```
 */
export function writeResampling(
  matrix: Float32Array,
  options: {
    readonly in: number;
    readonly out: number;
    readonly window: Window;
    readonly transposed?: boolean | undefined;
    readonly reversed?: boolean | undefined;
  },
): void {
  const { out, window: { start, length }, transposed = false, reversed = false } = options;
  const scale = length / out;
  for (let i = 0; i < out; i++) {
    const { first, weights } = averagingTaps((i + 0.5) * scale, scale, length);
    const row = reversed ? out - 1 - i : i;
    weights.forEach((weight, j) => {
      const column = start + first + j;
      matrix[transposed ? column * out + row : row * options.in + column] = weight;
    });
  }
}

/**
 * Resamples each image with its own two matrices: rows first, then columns, each one product.
 *
 * @param images `[batch, height, width, 3]`
 * @param rows `[batch, outHeight, height]`
 * @param columns `[batch, width, outWidth]`
 * @returns Channels first: `[batch, 3, outHeight, outWidth]`.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { resampleImages } from "@hashigo/hashigo/augmentation";
 * import * as tf from "@tensorflow/tfjs";
 * await startEngine();
 * const mean = resampleImages(tf.ones([1, 2, 2, 3]), tf.fill([1, 1, 2], 0.5), tf.fill([1, 2, 1], 0.5));
 * if (mean.shape.join() !== "1,3,1,1") throw new Error("Expected one pixel");
 * ```
 */
export function resampleImages(
  images: tf.Tensor4D,
  rows: tf.Tensor3D,
  columns: tf.Tensor3D,
): tf.Tensor4D {
  const [batch, height, width] = images.shape;
  const outHeight = rows.shape[1], outWidth = columns.shape[2];
  const shrunk = tf.matMul(rows, tf.reshape(images, [batch, height, width * 3]));
  const planes = tf.transpose(tf.reshape(shrunk, [batch, outHeight, width, 3]), [0, 3, 1, 2]);
  const mixed = tf.matMul(tf.reshape(planes, [batch, 3 * outHeight, width]), columns);
  return tf.reshape(mixed, [batch, 3, outHeight, outWidth]);
}
