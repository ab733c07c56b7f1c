import * as tf from "@tensorflow/tfjs";

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
  const stretch = Math.max(scale, 1);
  for (let i = 0; i < out; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - 2 * stretch + 0.5));
    const end = Math.min(length, Math.floor(centre + 2 * stretch + 0.5));
    let sum = 0;
    for (let j = first; j < end; j++) sum += cubic((j - centre + 0.5) / stretch);
    const row = reversed ? out - 1 - i : i;
    for (let j = first; j < end; j++) {
      const weight = cubic((j - centre + 0.5) / stretch) / sum;
      matrix[transposed ? (start + j) * out + row : row * options.in + start + j] = weight;
    }
  }
}

/** Keys' cubic convolution kernel with a = -0.5. */
function cubic(x: number): number {
  const a = -0.5;
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return 0;
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
