/** Means of unit vectors, and the nearest of them: what class means and few shots share. */
import * as tf from "@tensorflow/tfjs";
import { type FeatureMatrix, unitRows } from "../feature_matrix.ts";

/** Test rows whose similarities are computed at once. */
const chunkRows = 1024;

/** The mean of each group of rows, at unit length, `[groups, width]`. */
export function groupMeans(
  rows: Float32Array,
  width: number,
  groups: readonly (readonly number[])[],
): Float32Array {
  const means = new Float32Array(groups.length * width);
  groups.forEach((members, group) => {
    const sum = means.subarray(group * width, (group + 1) * width);
    for (const row of members) {
      for (let i = 0; i < width; i++) sum[i]! += rows[row * width + i]!;
    }
  });
  return unitRows({ features: means, width });
}

/**
 * For each set of means `[groups, width]`, the group whose mean is most similar to each test image,
 * `[images]`; the lowest of equals.
 */
export async function nearestMeans(
  test: FeatureMatrix,
  sets: Iterable<Float32Array>,
): Promise<Int32Array[]> {
  const { width } = test;
  const images = test.features.length / width;
  const unit = unitRows(test);
  const chunks: tf.Tensor2D[] = [];
  for (let from = 0; from < images; from += chunkRows) {
    const rows = Math.min(chunkRows, images - from);
    chunks.push(tf.tensor2d(unit.subarray(from * width, (from + rows) * width), [rows, width]));
  }
  const nearestGroups: Int32Array[] = [];
  try {
    for (const means of sets) {
      const nearest = tf.tidy(() => {
        const tensor = tf.tensor2d(means, [means.length / width, width]);
        const parts = chunks.map((chunk) => tf.argMax(tf.matMul(chunk, tensor, false, true), 1));
        return tf.concat1d(parts as tf.Tensor1D[]);
      });
      nearestGroups.push(await nearest.data<"int32">());
      nearest.dispose();
    }
  } finally {
    tf.dispose(chunks);
  }
  return nearestGroups;
}
