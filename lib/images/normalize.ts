/** Normalisation of colours, as networks expect them. */
import * as tf from "@tensorflow/tfjs";

/** Mean and standard deviation of ImageNet per channel, for images in [0, 1] (UNIC, appendix A). */
export const imagenetNormalization = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

/** `[batch, height, width, 3]` in [0, 1] to zero mean and unit deviation per channel. */
export function normalizeImages(
  images: tf.Tensor4D,
  { mean, std }: { readonly mean: readonly number[]; readonly std: readonly number[] },
): tf.Tensor4D {
  return tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...std]));
}
