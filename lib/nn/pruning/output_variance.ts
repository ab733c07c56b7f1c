/** How large the outputs of a block are. */
import * as tf from "@tensorflow/tfjs";

/**
 * Variance over all rows of some tensors `[..., width]`, summed over what lies along the last axis.
 *
 * @param rows Gives the tensor of each batch, which is freed here.
 */
export async function outputVariance(
  batches: number,
  rows: (batch: number) => tf.Tensor,
): Promise<number> {
  let sum = 0;
  for (let batch = 0; batch < batches; batch++) {
    const variance = tf.tidy(() => {
      const tensor = rows(batch);
      return tf.sum(tf.moments(tf.reshape(tensor, [-1, tensor.shape.at(-1)!]), 0).variance);
    });
    const [value = 0] = await variance.data<"float32">();
    variance.dispose();
    sum += value;
  }
  return sum / batches;
}
