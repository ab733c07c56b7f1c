/** Means of unit vectors, and which of them is nearest: what class means and few shots share. */
import * as tf from "@tensorflow/tfjs";
import type { LabelledFeatures } from "./labelled_features.ts";

/** Test rows whose similarities are computed at once. */
const chunkRows = 1024;

/** Rows of unit length `[rows, width]`; a row of zeros stays zero. */
export function unitRows(features: Float32Array, width: number): Float32Array {
  const rows = new Float32Array(features.length);
  for (let from = 0; from < rows.length; from += width) {
    let squares = 0;
    for (let i = from; i < from + width; i++) squares += features[i]! ** 2;
    const length = Math.max(Math.sqrt(squares), 1e-12);
    for (let i = from; i < from + width; i++) rows[i] = features[i]! / length;
  }
  return rows;
}

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
  return unitRows(means, width);
}

/** Places of the images of each class that occurs, classes ascending. */
export function placesByClass(labels: Int32Array): [label: number, places: number[]][] {
  const groups = Map.groupBy(labels.keys(), (place) => labels[place]!);
  return [...groups].sort(([a], [b]) => a - b);
}

/**
 * For each set of means `[groups, width]`, the group whose mean is most similar to each test image,
 * `[images]`; the lowest of equals.
 */
export async function nearestMeans(
  test: LabelledFeatures,
  sets: Iterable<Float32Array>,
): Promise<Int32Array[]> {
  const { labels: { length: images }, width } = test;
  const unit = unitRows(test.features, width);
  const chunks: tf.Tensor2D[] = [];
  for (let from = 0; from < images; from += chunkRows) {
    const rows = Math.min(chunkRows, images - from);
    chunks.push(tf.tensor2d(unit.subarray(from * width, (from + rows) * width), [rows, width]));
  }
  const found: Int32Array[] = [];
  try {
    for (const means of sets) {
      const nearest = tf.tidy(() => {
        const tensor = tf.tensor2d(means, [means.length / width, width]);
        const parts = chunks.map((chunk) => tf.argMax(tf.matMul(chunk, tensor, false, true), 1));
        return tf.concat1d(parts as tf.Tensor1D[]);
      });
      found.push(await nearest.data<"int32">());
      nearest.dispose();
    }
  } finally {
    tf.dispose(chunks);
  }
  return found;
}
