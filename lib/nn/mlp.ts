/**
 * The perceptron with one hidden layer: linear, activation, linear.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../tensors/random.ts";
import { gelu } from "./gelu.ts";
import { initLinear, linear, type LinearParameters } from "./linear.ts";

/** Parameters of a perceptron with one hidden layer. */
export type MlpParameters = {
  /** First layer, `[inputs, hidden]`. */
  readonly hidden: LinearParameters;
  /** Second layer, `[hidden, outputs]`. */
  readonly output: LinearParameters;
};

/**
 * Draws the parameters of a perceptron with one hidden layer.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initMlp } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const { output } = initMlp({ inputs: 4, hidden: 16, outputs: 4 }, randomStream(0));
 * if (output.weight.shape[0] !== 16) throw new Error("Expected the hidden width");
 * ```
 */
export function initMlp(
  config: { readonly inputs: number; readonly hidden: number; readonly outputs: number },
  random: RandomStream,
): MlpParameters {
  const { inputs, hidden, outputs } = config;
  return {
    hidden: initLinear({ inputs, outputs: hidden }, random.at("hidden")),
    output: initLinear({ inputs: hidden, outputs }, random.at("output")),
  };
}

/** A function of a tensor, element by element. */
export type Activation = <R extends tf.Rank>(x: tf.Tensor<R>) => tf.Tensor<R>;

/**
 * Computes linear, activation, linear over the last axis: `[..., inputs]` to `[..., outputs]`.
 *
 * @param activation Default {@linkcode gelu}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initMlp, mlp } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const parameters = initMlp({ inputs: 4, hidden: 16, outputs: 3 }, randomStream(0));
 * if (mlp(parameters, tf.ones([2, 4])).shape[1] !== 3) throw new Error("Expected three");
 * ```
 */
export function mlp<R extends tf.Rank>(
  parameters: MlpParameters,
  x: tf.Tensor<R>,
  activation: Activation = gelu,
): tf.Tensor<R> {
  return linear(parameters.output, activation(linear(parameters.hidden, x)));
}
