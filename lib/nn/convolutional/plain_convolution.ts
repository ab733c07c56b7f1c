/**
 * Convolutions as products of shifted maps: made of ops whose gradients every engine has, for engines that
 * have no kernels of convolutions' gradients.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Options of {@linkcode plainConvolution}. */
export interface PlainConvolutionOptions {
  /** Pixels between outputs. */
  readonly stride: number;
  /** As TensorFlow's: `ceil(size / stride)` outputs, or as many as the filter fits. */
  readonly pad: "same" | "valid";
  /** Whether each channel is filtered by itself. */
  readonly depthwise: boolean;
}

/**
 * Computes a convolution without a bias.
 *
 * @param x `[batch, height, width, in]`.
 * @param filter `[height, width, in, out]`, depthwise `[height, width, channels, 1]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { plainConvolution } from "./plain_convolution.ts";
 * await startEngine();
 * const options = { stride: 2, pad: "same", depthwise: false } as const;
 * const map = plainConvolution(tf.ones([1, 5, 5, 1]), tf.ones([3, 3, 1, 2]), options);
 * if (map.shape.join() !== "1,3,3,2") throw new Error("Expected half the size");
 * ```
 */
export function plainConvolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, pad, depthwise }: PlainConvolutionOptions,
): tf.Tensor4D {
  const [batch, height, width] = x.shape, [rows, columns, inputs, outputs] = filter.shape;
  const down = reach(height, rows, stride, pad), across = reach(width, columns, stride, pad);
  const padded = tf.pad(x, [[0, 0], down.padding, across.padding, [0, 0]]);
  const size: [number, number] = [down.count, across.count];
  const parts = Array.from({ length: rows * columns }, (_, at) => {
    const i = Math.floor(at / columns), j = at % columns;
    const window = tf.slice(padded, [0, i, j, 0], [
      batch,
      size[0] * stride,
      size[1] * stride,
      inputs,
    ]);
    const seen = everyPixel(window as tf.Tensor4D, stride);
    const weight = tf.slice(filter, [i, j, 0, 0], [1, 1, inputs, outputs]);
    if (depthwise) return tf.mul(seen, tf.reshape(weight, [inputs]));
    const matrix = tf.reshape<tf.Rank.R2>(weight, [inputs, outputs]);
    return tf.matMul(tf.reshape<tf.Rank.R2>(seen, [-1, inputs]), matrix);
  });
  return tf.reshape(tf.addN(parts), [batch, ...size, depthwise ? inputs : outputs]);
}

/** Outputs along one axis, and zeros around it, so that every window is `count * stride` pixels long. */
function reach(size: number, kernel: number, stride: number, pad: "same" | "valid") {
  const count = pad === "same" ? Math.ceil(size / stride) : Math.ceil((size - kernel + 1) / stride);
  const lacking = pad === "same" ? Math.max((count - 1) * stride + kernel - size, 0) : 0;
  const before = Math.floor(lacking / 2), end = kernel - 1 + count * stride;
  return { count, padding: [before, Math.max(end - before - size, 0)] as [number, number] };
}

/** Every `stride`-th row and column. */
function everyPixel(map: tf.Tensor4D, stride: number): tf.Tensor4D {
  if (stride === 1) return map;
  const [batch, height, width, channels] = map.shape;
  const rows = height / stride, columns = width / stride;
  const byRow = tf.reshape(map, [batch * rows, stride, width * channels]);
  const kept = tf.slice(byRow, [0, 0, 0], [batch * rows, 1, width * channels]);
  const byColumn = tf.reshape(kept, [batch * rows * columns, stride, channels]);
  const pixels = tf.slice(byColumn, [0, 0, 0], [batch * rows * columns, 1, channels]);
  return tf.reshape(pixels, [batch, rows, columns, channels]);
}
