import * as tf from "@tensorflow/tfjs";

/** Share of red, green and blue in the grey of a colour (ITU-R 601-2, as torchvision rounds it). */
const greyWeights = [0.2989, 0.587, 0.114] as const;

/**
 * Computes one step of colour jitter, each image with its own numbers:
 * `a · colour + b · its grey + c · mean grey of the image`, clipped to [0, 1]. Every blend of the
 * jitter has this form: brightness f is (f, 0, 0), contrast (f, 0, 1 - f), saturation (f, 1 - f,
 * 0), grey (0, 1, 0), nothing (1, 0, 0).
 *
 * @param images Channels first, `[batch, 3, pixels]`, in [0, 1].
 * @param mix The numbers a, b and c of each image, `[batch, 3]`.
 * @returns `[batch, 3, pixels]` in [0, 1].
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { mixColours } from "./colour.ts";
 * import * as tf from "@tensorflow/tfjs";
 * await startEngine();
 * const brighter = mixColours(tf.fill([1, 3, 4], 0.25), tf.tensor2d([[2, 0, 0]]));
 * if (brighter.dataSync()[0] !== 0.5) throw new Error("Expected twice the brightness");
 * ```
 */
export function mixColours(images: tf.Tensor3D, mix: tf.Tensor2D): tf.Tensor3D {
  const batch = images.shape[0];
  const number = (index: number) => tf.reshape(tf.slice(mix, [0, index], [-1, 1]), [batch, 1, 1]);
  const weights = tf.tensor2d([...greyWeights], [3, 1]);
  const toGrey = tf.tensor3d([...greyWeights, ...greyWeights, ...greyWeights], [1, 3, 3]);
  const matrices = tf.add(
    tf.mul(number(0), tf.expandDims(tf.eye(3), 0)),
    tf.mul(number(1), toGrey),
  );
  const meanGrey = tf.matMul(tf.mean(images, 2), weights);
  const offset = tf.mul(number(2), tf.reshape(meanGrey, [batch, 1, 1]));
  return tf.clipByValue(tf.add(tf.matMul(matrices, images), offset), 0, 1);
}

/**
 * Rotates every colour of an image along the circle of hues; value and saturation (HSV) stay.
 *
 * @param images Channels first, `[batch, 3, pixels]`, in [0, 1].
 * @param turns Rotation of each image, `[batch]`; 1 is the whole circle.
 * @returns `[batch, 3, pixels]` in [0, 1].
 * @source Smith, "Color gamut transform pairs" (1978). Back from HSV without cases: channel n is
 *   `v - c · clip(min(k, 4 - k), 0, 1)` with `k = (n + 6h) mod 6`, n = 5, 3, 1, chroma c, value v.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { rotateHue } from "@hashigo/hashigo/augmentation";
 * import * as tf from "@tensorflow/tfjs";
 * await startEngine();
 * const green = rotateHue(tf.tensor3d([1, 0, 0], [1, 3, 1]), tf.tensor1d([1 / 3]));
 * if (Math.abs(green.dataSync()[1]! - 1) > 1e-6) throw new Error("Expected red to become green");
 * ```
 */
export function rotateHue(images: tf.Tensor3D, turns: tf.Tensor1D): tf.Tensor3D {
  const [batch, , pixels] = images.shape;
  const channel = (index: number) => tf.slice(images, [0, index, 0], [batch, 1, pixels]);
  const red = channel(0), green = channel(1), blue = channel(2);
  const value = tf.maximum(red, tf.maximum(green, blue));
  const chroma = tf.sub(value, tf.minimum(red, tf.minimum(green, blue)));
  const isZero = tf.cast(tf.equal(chroma, 0), "float32");
  const isRed = tf.cast(tf.equal(value, red), "float32");
  const isGreen = tf.mul(tf.sub(1, isRed), tf.cast(tf.equal(value, green), "float32"));
  const isBlue = tf.sub(tf.sub(1, isRed), isGreen);
  const within = tf.addN([
    tf.mul(isRed, tf.sub(green, blue)),
    tf.mul(isGreen, tf.sub(blue, red)),
    tf.mul(isBlue, tf.sub(red, green)),
  ]);
  const sector = tf.addN([
    tf.div(within, tf.add(chroma, isZero)), // a grey has no hue: 0, not 0 / 0
    tf.add(tf.mul(isGreen, 2), tf.mul(isBlue, 4)),
    tf.mul(tf.ones([batch, 1, pixels]), tf.mul(tf.reshape(turns, [batch, 1, 1]), 6)),
  ]);
  const k = tf.add(sector, tf.tensor3d([5, 3, 1], [1, 3, 1]));
  const wrapped = tf.sub(k, tf.mul(tf.floor(tf.div(k, 6)), 6));
  const weight = tf.clipByValue(tf.minimum(wrapped, tf.sub(4, wrapped)), 0, 1);
  return tf.sub(value, tf.mul(chroma, weight));
}
