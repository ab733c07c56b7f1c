/** Batches of activations on their way through a network. */
import * as tf from "@tensorflow/tfjs";

/** What a block makes of batches, which are freed. */
export function nextBatches<T extends tf.Tensor>(
  batches: readonly T[],
  block: (batch: T) => T,
): T[] {
  return batches.map((batch) => {
    const next = tf.tidy(() => block(batch));
    batch.dispose();
    return next;
  });
}
