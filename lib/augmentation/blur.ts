import * as tf from "@tensorflow/tfjs";

/**
 * Writes a Gaussian blur along one side of `size` pixels into `matrix`, `[size, size]`, row-major
 * and zero before. Borders are mirrored without repeating the edge ("reflect").
 *
 * @param options kernel: odd width in pixels, at most `2 * size - 1`; sigma: in pixels.
 *
 * @example
 * ```ts
 * import { writeBlur } from "./blur.ts";
 * const matrix = new Float32Array(9);
 * writeBlur(matrix, 3, { kernel: 3, sigma: 1e-3 });
 * if (matrix.join() !== "1,0,0,0,1,0,0,0,1") throw new Error("Expected no blur");
 * ```
 */
export function writeBlur(
  matrix: Float32Array,
  size: number,
  options: { readonly kernel: number; readonly sigma: number },
): void {
  const reach = (options.kernel - 1) / 2;
  const weights = Float64Array.from(
    { length: options.kernel },
    (_, i) => Math.exp(-0.5 * ((i - reach) / options.sigma) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  for (let row = 0; row < size; row++) {
    for (let i = 0; i < options.kernel; i++) {
      const position = Math.abs(row + i - reach);
      const column = position < size ? position : 2 * (size - 1) - position;
      matrix[row * size + column]! += weights[i]! / sum;
    }
  }
}

/** Writes ones on the diagonal of `matrix`, `[size, size]`: no blur. */
export function writeIdentity(matrix: Float32Array, size: number): void {
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
}

/**
 * Blurs images along rows and columns, each with its own matrix.
 *
 * @param images Channels first, `[batch, 3, size, size]`.
 * @param matrices `[batch, size, size]` from {@linkcode writeBlur}.
 * @returns `[batch, 3, size, size]`
 */
export function blurImages(images: tf.Tensor4D, matrices: tf.Tensor3D): tf.Tensor4D {
  const [batch, channels, size] = images.shape;
  const flat = tf.reshape(images, [batch, channels * size, size]);
  const across = tf.reshape(tf.matMul(flat, matrices, false, true), [batch, channels, size, size]);
  // Rows side by side over the channels, since tfjs's own backends (cpu, wasm) multiply the wrong
  // pairs when one product is to be broadcast over an inner axis.
  const beside = tf.reshape(tf.transpose(across, [0, 2, 1, 3]), [batch, size, channels * size]);
  const down: tf.Tensor4D = tf.reshape(
    tf.matMul(matrices, beside),
    [batch, size, channels, size],
  );
  return tf.transpose(down, [0, 2, 1, 3]);
}
