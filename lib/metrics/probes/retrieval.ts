/** Retrieval by frozen features: how well they rank images of the same class first. */
import * as tf from "@tensorflow/tfjs";
import { checkFeatures } from "./check_features.ts";
import type { LabelledFeatures } from "../labelled_features.ts";
import { unitRows } from "../feature_matrix.ts";

/** Outcome of {@linkcode retrieval}. */
export interface RetrievalResult {
  /** Mean average precision, in percent. */
  readonly map: number;
  /** `[images]`, the average precision of each test image, 0 to 1. */
  readonly precisions: Float64Array;
}

/** Similarities that are held at once: 32 MB. */
const heldNumbers = 8e6;

/**
 * Measures the mean average precision of retrieval: every test image ranks all train images by cosine, and those of
 * its class should come first. Equally similar images share the last of their ranks.
 *
 * @param train the bank that is searched, `[images, width]`.
 * @param test the queries, of classes that occur in the bank.
 * @throws {UserError} where the features cannot be used: see the message.
 * @source Manning, Raghavan and Schütze, "Introduction to information retrieval" (2008), section 8.4.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { retrieval } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const labels = Int32Array.of(0, 1, 0);
 * const train = { features: Float32Array.of(1, 0, 0.9, 0.4, 0, 1), labels, width: 2 };
 * const test = { features: Float32Array.of(1, 0), labels: Int32Array.of(0), width: 2 };
 * const { map } = await retrieval(train, test);
 * if (Math.abs(map - 100 * (1 + 2 / 3) / 2) > 1e-9) throw new Error("First and third of three");
 * ```
 */
export async function retrieval(
  train: LabelledFeatures,
  test: LabelledFeatures,
): Promise<RetrievalResult> {
  checkFeatures(train, test, "measure retrieval");
  const { width } = train;
  const [images, bankSize] = [test.labels.length, train.labels.length];
  const queries = unitRows(test);
  const bank = tf.tensor2d(unitRows(train), [bankSize, width]);
  const precisions = new Float64Array(images);
  const chunk = Math.max(1, Math.floor(heldNumbers / bankSize));
  try {
    for (let from = 0; from < images; from += chunk) {
      const rows = Math.min(chunk, images - from);
      const product = tf.tidy(() => {
        const part = queries.subarray(from * width, (from + rows) * width);
        return tf.matMul(tf.tensor2d(part, [rows, width]), bank, false, true);
      });
      const similarities = await product.data<"float32">();
      product.dispose();
      for (let row = 0; row < rows; row++) {
        const ranked = similarities.subarray(row * bankSize, (row + 1) * bankSize);
        precisions[from + row] = averagePrecision(ranked, train.labels, test.labels[from + row]!);
      }
    }
  } finally {
    bank.dispose();
  }
  return {
    map: 100 * precisions.reduce((sum, precision) => sum + precision, 0) / images,
    precisions,
  };
}

/** Mean, over the images of the class, of the share of that class among all that are as similar. */
function averagePrecision(similarities: Float32Array, labels: Int32Array, label: number): number {
  const relevant = similarities.filter((_, i) => labels[i] === label).sort().reverse();
  const all = similarities.toSorted().reverse();
  let [rank, hits, sum] = [0, 0, 0];
  for (const similarity of relevant) {
    while (rank < all.length && all[rank]! >= similarity) rank++;
    while (hits < relevant.length && relevant[hits]! >= similarity) hits++;
    sum += hits / rank;
  }
  return sum / relevant.length;
}
