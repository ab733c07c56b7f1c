/** Rows and columns of parameters, by their numbers. */
import * as tf from "@tensorflow/tfjs";
import type { LayerNormParameters } from "../layer_norm.ts";
import type { LinearParameters } from "../linear.ts";

/** The entries of some numbers along an axis. */
export function take<T extends tf.Tensor>(tensor: T, indices: readonly number[], axis = 0): T {
  const whole = indices.length === tensor.shape[axis] && indices.every((index, i) => index === i);
  return whole ? tf.clone(tensor) : tf.gather(tensor, tf.tensor1d([...indices], "int32"), axis);
}

/**
 * Some inputs and outputs of a linear layer. Weights grow by the share of inputs that is left out, so that
 * sums over inputs stay as large as they were: exactly so where those left out equal their neighbours.
 *
 * @param layer `weight [inputs, outputs]`, `bias [outputs]`.
 * @param channels Numbers of the inputs and outputs to take.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { takeLinear } from "./select_tensors.ts";
 * await startEngine();
 * const layer = { weight: tf.tensor2d([[1, 2], [1, 2]]), bias: tf.tensor1d([5, 6]) };
 * const { weight } = takeLinear(layer, { inputs: [0], outputs: [1] });
 * if (weight.dataSync()[0] !== 4) throw new Error("One input does the work of two");
 * ```
 */
export function takeLinear(
  { weight, bias }: LinearParameters,
  { inputs, outputs }: { readonly inputs: readonly number[]; readonly outputs: readonly number[] },
): LinearParameters {
  const factor = weight.shape[0] / inputs.length;
  return {
    weight: tf.mul(take(take(weight, inputs), outputs, 1), factor),
    bias: take(bias, outputs),
  };
}

/** Some channels of a layer norm. */
export function takeNorm(
  { weight, bias }: LayerNormParameters,
  channels: readonly number[],
): LayerNormParameters {
  return { weight: take(weight, channels), bias: take(bias, channels) };
}
