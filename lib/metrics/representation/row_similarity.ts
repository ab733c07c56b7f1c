/** How alike features are to those that they stand for. */
import { type FeatureMatrix, featureMean, shifted, unitRows } from "../feature_matrix.ts";

/**
 * Mean over rows of the cosine between features and those that they stand for, both around the mean of the latter:
 * 1 where they are the same up to their length. What all rows share tells none of them apart, and counts for nothing.
 *
 * @param actual `[rows, width]`.
 * @param expected `[rows, width]`, what they stand for; a row that is their mean counts 0.
 * @returns NaN where a number is.
 * @throws {RangeError} Where shapes differ, or there is no row.
 *
 * @example
 * ```ts
 * import { rowSimilarity } from "./row_similarity.ts";
 * const expected = { features: Float32Array.of(9, 0, 9, 2), width: 2 };
 * const alike = { features: Float32Array.of(9, -1, 9, 3), width: 2 };
 * if (Math.abs(rowSimilarity(alike, expected) - 1) > 1e-6) throw new Error("Around 9 and 1 they point alike");
 * ```
 */
export function rowSimilarity(actual: FeatureMatrix, expected: FeatureMatrix): number {
  const { width, features: { length } } = expected;
  if (actual.width !== width || actual.features.length !== length || length === 0) {
    throw new RangeError(
      `Cannot compare features: found ${actual.features.length} numbers in rows of ${actual.width}, and ` +
        `${length} in rows of ${width}, expected as many of both, at least one row`,
    );
  }
  const mean = featureMean(expected);
  const [first, second] = [actual, expected].map((matrix) => unitRows(shifted(matrix, mean)));
  return first!.reduce((sum, value, i) => sum + value * second![i]!, 0) * width / length;
}
