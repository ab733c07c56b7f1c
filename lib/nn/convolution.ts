/**
 * The 3 x 3 convolution with stride 2 of the convolutional stem.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../tensors/random.ts";
import { initLinear, linear, type LinearParameters } from "./linear.ts";

/**
 * Draws the parameters of a 3 x 3 convolution: `weight [9 * inputs, outputs]` in the order row,
 * column, channel, and `bias [outputs]`.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initConvolution } from "./convolution.ts";
 * await startEngine();
 * const { weight } = initConvolution({ inputs: 3, outputs: 8 }, randomStream(0));
 * if (weight.shape[0] !== 27) throw new Error("Expected nine pixels of three channels");
 * ```
 */
export function initConvolution(
  config: { readonly inputs: number; readonly outputs: number },
  random: RandomStream,
): LinearParameters {
  return initLinear({ inputs: 9 * config.inputs, outputs: config.outputs }, random);
}

/**
 * Computes a 3 x 3 convolution with stride 2 and one row and column of zeros before the first:
 * `[batch, height, width, inputs]`, both sides even, to `[batch, height / 2, width / 2, outputs]`.
 * Written as slices and one product, because XLA's convolutions are slow on a CPU.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { convolution, initConvolution } from "./convolution.ts";
 * await startEngine();
 * const parameters = initConvolution({ inputs: 3, outputs: 8 }, randomStream(0));
 * const y = convolution(parameters, tf.ones([1, 6, 4, 3]));
 * if (y.shape.join() !== "1,3,2,8") throw new Error("Expected half the size");
 * ```
 */
export function convolution(parameters: LinearParameters, x: tf.Tensor4D): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape;
  const rows = height / 2, columns = width / 2;
  const triples = withPrevious(tf.reshape(x, [batch, rows, 2 * width * channels]));
  const windows = withPrevious(
    tf.reshape(triples, [batch * rows * 3, columns, 2 * channels]),
  );
  // [batch * rows, window row, columns, window column and channel], the window's rows moved inwards
  const apart = tf.reshape(windows, [batch * rows, 3, columns, 3 * channels]);
  return linear(
    parameters,
    tf.reshape<tf.Rank.R4>(tf.transpose(apart, [0, 2, 1, 3]), [batch, rows, columns, 9 * channels]),
  );
}

/**
 * Extends each pair of a sequence, `[batch, pairs, 2 * size]`, by the element before it, zeros for
 * the first: `[batch, pairs, 3 * size]`.
 */
function withPrevious(pairs: tf.Tensor3D): tf.Tensor3D {
  const [batch, count, size] = pairs.shape;
  const second = tf.slice(pairs, [0, 0, size / 2], [batch, count - 1, size / 2]);
  return tf.concat3d([tf.pad(second, [[0, 0], [1, 0], [0, 0]]), pairs], 2);
}
