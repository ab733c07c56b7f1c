import * as tf from "@tensorflow/tfjs";

/**
 * The Gaussian error linear unit in its exact form, `x Φ(x)` with Φ the normal distribution
 * function, element by element.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { gelu, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const [y] = await gelu(tf.tensor1d([1])).data();
 * if (Math.abs(y - 0.8413447) > 1e-5) throw new Error("Expected the normal distribution at 1");
 * ```
 */
export function gelu<R extends tf.Rank>(x: tf.Tensor<R>): tf.Tensor<R> {
  return exactGelu(x) as tf.Tensor<R>;
}

/** The derivative is Φ(x) + x φ(x); Φ is kept rather than computed twice. */
const exactGelu = tf.customGrad((...inputs) => {
  const [x, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
  const distribution = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
  save([x, distribution]);
  const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
    const [x, distribution] = saved as [tf.Tensor, tf.Tensor];
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return tf.mul(dy, tf.add(distribution, tf.mul(x, density)));
  };
  return { value: tf.mul(x, distribution), gradFunc };
});
