import * as tf from "@tensorflow/tfjs";

/**
 * tfjs's `cpu` backend advises, when it is first used, to install another backend. Whoever runs it
 * here does so on purpose (as a reference, or where TensorFlow is not available).
 */
export function hideBanner(): void {
  const cpu = tf.findBackend("cpu") as { firstUse?: boolean } | null;
  if (cpu !== null) cpu.firstUse = false;
}
