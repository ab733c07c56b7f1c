/**
 * Bilinear resizing of images as linear algebra. Resampling is linear and separable, so an image is
 * resized by two products with constant matrices, with equal results on every backend, traced or
 * not.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * Computes weights that resample a line of pixels, row-major `[to, from]`: bilinear, which never
 * leaves the range of its inputs. Pixel centres lie at halves, the filter is widened when shrinking
 * (antialiasing), weights beyond the border are dropped and every row sums to 1. These are the
 * conventions of Pillow, and of torchvision with antialiasing.
 *
 * @param from Pixels of the line.
 * @param to Pixels of the result.
 *
 * @example
 * ```ts
 * import { resizeMatrix } from "./resize.ts";
 * const halves = resizeMatrix(2, 1);
 * if (halves[0] !== 0.5 || halves[1] !== 0.5) throw new Error("Two pixels are averaged");
 * ```
 */
export function resizeMatrix(from: number, to: number): Float32Array {
  const scale = from / to;
  const widening = Math.max(scale, 1);
  const matrix = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const centre = (row + 0.5) * scale;
    const weights = Array.from({ length: from }, (_, j) => triangle((j + 0.5 - centre) / widening));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    matrix.set(weights.map((weight) => weight / sum), row * from);
  }
  return matrix;
}

/**
 * Resizes images, bilinear with antialiasing. The aspect ratio is not kept.
 *
 * @param images `[batch, height, width, channels]`.
 * @param size Rows and columns of the result.
 * @returns `[batch, rows, columns, channels]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { resizeImages } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const small = resizeImages(tf.ones([2, 8, 6, 3]), [4, 4]);
 * if (small.shape.join() !== "2,4,4,3") throw new Error();
 * ```
 */
export function resizeImages(
  images: tf.Tensor4D,
  size: readonly [rows: number, columns: number],
): tf.Tensor4D {
  const [batch, height, width, channels] = images.shape;
  const [rows, columns] = size;
  return tf.tidy(() => {
    // Channels are the fastest axis, so a line is resampled with the matrix repeated per channel:
    // more multiplications, but one large product instead of one tiny product per line.
    let lines: tf.Tensor = images;
    if (columns !== width) {
      const perChannel = repeatPerChannel(resizeMatrix(width, columns), width, channels);
      const right = tf.tensor2d(perChannel, [width * channels, columns * channels]);
      lines = tf.matMul(tf.reshape(images, [batch * height, width * channels]), right);
    }
    if (rows !== height) {
      const left = tf.tensor3d(resizeMatrix(height, rows), [1, rows, height]);
      // Repeated for each image: tfjs has no gradient for products that broadcast.
      lines = tf.matMul(
        tf.tile(left, [batch, 1, 1]),
        tf.reshape(lines, [batch, height, columns * channels]),
      );
    }
    return tf.reshape(lines, [batch, rows, columns, channels]);
  });
}

/** `[to, from]` to `[from * channels, to * channels]`: the transpose, once per channel. */
function repeatPerChannel(matrix: Float32Array, from: number, channels: number): Float32Array {
  const to = matrix.length / from;
  const repeated = new Float32Array(matrix.length * channels * channels);
  matrix.forEach((weight, index) => {
    const row = Math.floor(index / from);
    const column = index % from;
    for (let c = 0; c < channels; c++) {
      repeated[(column * channels + c) * to * channels + row * channels + c] = weight;
    }
  });
  return repeated;
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}
