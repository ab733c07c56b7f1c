/** The products of features with themselves, by images or by numbers, whichever are fewer. */
import * as tf from "@tensorflow/tfjs";
import type { FeatureMatrix } from "./feature_matrix.ts";

/** `xᵀ x` or `x xᵀ` of features `[images, width]`, whichever is smaller. */
export async function smallerProduct(x: FeatureMatrix): Promise<Float32Array> {
  const images = x.features.length / x.width;
  const product = tf.tidy(() => {
    const tensor = tf.tensor2d(x.features, [images, x.width]);
    return images < x.width
      ? tf.matMul(tensor, tensor, false, true)
      : tf.matMul(tensor, tensor, true);
  });
  const values = await product.data<"float32">();
  product.dispose();
  return values;
}
