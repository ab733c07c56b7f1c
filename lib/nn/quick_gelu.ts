import * as tf from "@tensorflow/tfjs";

/**
 * A cheap stand-in for {@linkcode gelu}, `x sigmoid(1.702 x)`: the activation of OpenAI's CLIP and of
 * MetaCLIP. It differs from the exact form by up to 0.02.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { quickGelu, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const [y] = await quickGelu(tf.tensor1d([1])).data();
 * if (Math.abs(y! - 0.8457958) > 1e-5) throw new Error("Expected the logistic function at 1.702");
 * ```
 */
export function quickGelu<R extends tf.Rank>(x: tf.Tensor<R>): tf.Tensor<R> {
  return tf.mul(x, tf.sigmoid(tf.mul(x, 1.702)));
}
