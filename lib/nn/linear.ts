/**
 * The linear layer, `x W + b`, and the truncated normal in which matrices begin.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import type { RandomStream } from "../tensors/random.ts";

/** Parameters of a linear layer: `weight [in, out]` and `bias [out]`. */
export type LinearParameters = { readonly weight: tf.Tensor2D; readonly bias: tf.Tensor1D };

/** Standard deviation of every weight matrix at the start (UNIC, reference defaults). */
export const initialStd = 0.02;

/**
 * Draws the parameters of a linear layer: truncated normal weights of standard deviation 0.02, zero
 * biases.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initLinear } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const { weight } = initLinear({ inputs: 4, outputs: 2 }, randomStream(0));
 * if (weight.shape.join() !== "4,2") throw new Error("Expected [in, out]");
 * ```
 */
export function initLinear(
  config: { readonly inputs: number; readonly outputs: number },
  random: RandomStream,
): LinearParameters {
  const { inputs, outputs } = config;
  return {
    weight: truncatedNormal([inputs, outputs], random.at("weight")),
    bias: tf.zeros<tf.Rank.R1>([outputs]),
  };
}

/**
 * Draws a matrix of truncated normals of standard deviation 0.02.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { truncatedNormal } from "./linear.ts";
 * await startEngine();
 * const matrix = truncatedNormal([2, 3], randomStream(0));
 * if (matrix.size !== 6) throw new Error("Expected six numbers");
 * ```
 */
export function truncatedNormal(shape: [number, number], random: RandomStream): tf.Tensor2D {
  return tf.tensor2d(random.truncatedNormal(shape[0] * shape[1], initialStd), shape);
}

/**
 * Computes `x @ weight + bias` over the last axis, as one product for every rank: `[..., in]` to
 * `[..., out]`.
 *
 * @throws {UserError} Where the last axis of `x` is not as long as the layer has inputs.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { linear } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const parameters = { weight: tf.tensor2d([[2], [3]]), bias: tf.tensor1d([1]) };
 * const y = linear(parameters, tf.tensor3d([[[1, 1]]]));
 * if ((await y.data())[0] !== 6) throw new Error("Expected 2 + 3 + 1");
 * ```
 */
export function linear<R extends tf.Rank>(
  parameters: LinearParameters,
  x: tf.Tensor<R>,
): tf.Tensor<R> {
  const { weight, bias } = parameters;
  if (x.shape.at(-1) !== weight.shape[0]) {
    throw new UserError(
      `Cannot apply a linear layer of ${weight.shape[0]} inputs: found the shape [${
        x.shape.join(", ")
      }], expected [..., ${weight.shape[0]}]. Give tokens of the width that the layer was made for`,
    );
  }
  const rows = tf.reshape<tf.Rank.R2>(x, [-1, weight.shape[0]]);
  const y = tf.add(tf.matMul(rows, weight), bias);
  return tf.reshape<R>(y, [...x.shape.slice(0, -1), weight.shape[1]] as tf.ShapeMap[R]);
}
