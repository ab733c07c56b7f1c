/**
 * The Gaussian error linear unit, `x Φ(x)`.
 *
 * @source Hendrycks and Gimpel, Gaussian error linear units, 2016.
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/**
 * Computes the Gaussian error linear unit in its exact form, `x Φ(x)` with Φ the normal
 * distribution function, element by element.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { gelu } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const [y] = await gelu(tf.tensor1d([1])).data();
 * if (Math.abs(y! - 0.8413447) > 1e-5) throw new Error("Expected the normal distribution at 1");
 * ```
 */
export function gelu<R extends tf.Rank>(x: tf.Tensor<R>): tf.Tensor<R> {
  return exactGelu()(x) as tf.Tensor<R>;
}

/**
 * With t = x / √2 the derivative is Φ + t exp(-t² - ½ ln π). It needs few passes over the largest
 * activations of the ladder, as the forward pass saves t and Φ.
 */
const exactGelu = () =>
  tf.customGrad((...inputs) => {
    const [x, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
    const scaled = tf.mul(x, Math.SQRT1_2);
    const distribution = tf.mul(tf.add(tf.erf(scaled), 1), 0.5);
    save([scaled, distribution]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [scaled, distribution] = saved as [tf.Tensor, tf.Tensor];
      const density = tf.exp(tf.sub(-0.5 * Math.log(Math.PI), tf.square(scaled)));
      return tf.mul(dy, tf.add(distribution, tf.mul(scaled, density)));
    };
    return { value: tf.mul(x, distribution), gradFunc };
  });
