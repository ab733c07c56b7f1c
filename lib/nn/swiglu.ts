/**
 * The gated perceptron SwiGLU: `(silu(x W₁) ⊙ x W₂) W₃`, with biases.
 *
 * @source Shazeer, GLU variants improve transformer, 2020, equation 6.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../tensors/random.ts";
import { initLinear, linear, type LinearParameters } from "./linear.ts";

/** Parameters of a gated perceptron. */
export type SwigluParameters = {
  /** Inputs to gates and values side by side, `[inputs, 2 * hidden]`. */
  readonly gates: LinearParameters;
  /** Products to outputs, `[hidden, outputs]`. */
  readonly output: LinearParameters;
};

/**
 * Draws the parameters of a gated perceptron with one hidden layer.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initSwiglu } from "./swiglu.ts";
 * await startEngine();
 * const { gates } = initSwiglu({ inputs: 4, hidden: 8, outputs: 4 }, randomStream(0));
 * if (gates.weight.shape[1] !== 16) throw new Error("Expected gates and values");
 * ```
 */
export function initSwiglu(
  config: { readonly inputs: number; readonly hidden: number; readonly outputs: number },
  random: RandomStream,
): SwigluParameters {
  const { inputs, hidden, outputs } = config;
  return {
    gates: initLinear({ inputs, outputs: 2 * hidden }, random.at("gates")),
    output: initLinear({ inputs: hidden, outputs }, random.at("output")),
  };
}

/**
 * Computes a gated perceptron over the last axis, `[..., inputs]` to `[..., outputs]`: with a and b
 * the halves of the first layer's output, the input of the second is a sigmoid(a) b. DINOv2's giant
 * has it instead of an MLP.
 *
 * @source Shazeer, GLU variants improve transformer, 2020.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { swiglu } from "@hashigo/hashigo/nn";
 * import { initSwiglu } from "./swiglu.ts";
 * await startEngine();
 * const parameters = initSwiglu({ inputs: 4, hidden: 8, outputs: 3 }, randomStream(0));
 * if (swiglu(parameters, tf.ones([2, 4])).shape[1] !== 3) throw new Error("Expected three");
 * ```
 */
export function swiglu<R extends tf.Rank>(
  parameters: SwigluParameters,
  x: tf.Tensor<R>,
): tf.Tensor<R> {
  const [gate, value] = tf.split(linear(parameters.gates, x), 2, -1) as [
    tf.Tensor<R>,
    tf.Tensor<R>,
  ];
  return linear(parameters.output, tf.mul(tf.mul(gate, tf.sigmoid(gate)), value));
}
