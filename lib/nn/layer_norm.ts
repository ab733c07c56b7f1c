/**
 * Layer normalisation: `(x - mean) / √(variance + ε) · weight + bias` over the last axis.
 *
 * @source Ba et al., Layer normalization, 2016.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";

/** Parameters of a layer norm: `weight [width]` and `bias [width]`. */
export type LayerNormParameters = { readonly weight: tf.Tensor1D; readonly bias: tf.Tensor1D };

/** Number that is added to the variance (UNIC, reference defaults). */
export const layerNormEpsilon = 1e-6;

/**
 * Makes the parameters of a layer norm: weight one, bias zero.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initLayerNorm } from "@hashigo/hashigo/nn";
 * await startEngine();
 * if (initLayerNorm({ width: 8 }).weight.size !== 8) throw new Error("Expected eight");
 * ```
 */
export function initLayerNorm(config: { readonly width: number }): LayerNormParameters {
  return {
    weight: tf.ones<tf.Rank.R1>([config.width]),
    bias: tf.zeros<tf.Rank.R1>([config.width]),
  };
}

/**
 * Normalises the last axis of `[..., width]` to mean 0 and variance 1 (population variance, plus
 * epsilon), then scales and shifts. The gradient is written out: derived op by op it takes three
 * times as many passes over the activations.
 *
 * @param epsilon Added to the variance; default 1e-6. CLIP's networks have 1e-5.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initLayerNorm, layerNorm } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const y = await layerNorm(initLayerNorm({ width: 2 }), tf.tensor2d([[1, 3]])).data();
 * if (Math.abs(y[0]! + 1) > 1e-5) throw new Error("Expected -1 and 1");
 * ```
 */
export function layerNorm<R extends tf.Rank>(
  parameters: LayerNormParameters,
  x: tf.Tensor<R>,
  epsilon = layerNormEpsilon,
): tf.Tensor<R> {
  const width = parameters.weight.shape[0];
  if (x.shape.at(-1) !== width) {
    throw new UserError(
      `Cannot normalise the shape [${x.shape.join(", ")}] by a layer norm of ${width} features: ` +
        `expected [..., ${width}]. Give tokens of the width that it was made for`,
    );
  }
  return normalise(epsilon)(x, parameters.weight, parameters.bias) as tf.Tensor<R>;
}

const normalise = (epsilon: number) =>
  tf.customGrad((...inputs) => {
    const [x, weight, bias, save] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const normalised = tf.mul(centred, scale);
    save([normalised, scale, weight]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [normalised, scale, weight] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const rows = dy.shape.slice(0, -1).map((_, axis) => axis);
      const inner = tf.mul(dy, weight);
      const along = tf.mean(tf.mul(inner, normalised), -1, true);
      const rest = tf.sub(inner, tf.add(tf.mean(inner, -1, true), tf.mul(normalised, along)));
      return [tf.mul(rest, scale), tf.sum(tf.mul(dy, normalised), rows), tf.sum(dy, rows)];
    };
    return { value: tf.add(tf.mul(normalised, weight), bias), gradFunc };
  });
