/**
 * The sigmoid approximation of the Gaussian error linear unit, `x σ(1.702 x)`.
 *
 * @source Hendrycks and Gimpel, Gaussian error linear units, 2016, section 2.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * Computes `x sigmoid(1.702 x)`, a cheap approximation of {@linkcode gelu} that differs from it by
 * up to 0.02: the activation of OpenAI's CLIP and of MetaCLIP.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { quickGelu } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const [y] = await quickGelu(tf.tensor1d([1])).data();
 * if (Math.abs(y! - 0.8457958) > 1e-5) throw new Error("Expected the logistic function at 1.702");
 * ```
 */
export function quickGelu<R extends tf.Rank>(x: tf.Tensor<R>): tf.Tensor<R> {
  return tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)));
}
