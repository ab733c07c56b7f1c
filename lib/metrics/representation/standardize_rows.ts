/** Mean and deviation of each number of features, and features freed of both. */
import type { FeatureMatrix } from "../feature_matrix.ts";

/** Mean and deviation of each number. */
export interface NumberStatistics {
  /** `[width]` */
  readonly mean: Float64Array;
  /** `[width]`, above 0. */
  readonly deviation: Float64Array;
}

/** Deviations are at least this share of their mean, so that a number that hardly changes weighs little. */
const leastShare = 0.05;

/**
 * Statistics over all rows. A deviation is at least a twentieth of its mean's size; of a number that is
 * always 0 it is 1.
 *
 * @param means `[images, width]`, a row for each image: its feature, or the mean over its places.
 * @param squares `[images, width]`, the mean over its places of the squares. Default: those of `means`.
 *
 * @example
 * ```ts
 * import { numberStatistics } from "./standardize_rows.ts";
 * const { mean, deviation } = numberStatistics({ features: Float32Array.of(1, 5), width: 1 });
 * if (mean[0] !== 3 || deviation[0] !== 2) throw new Error("3 ± 2");
 * ```
 */
export function numberStatistics(means: FeatureMatrix, squares?: FeatureMatrix): NumberStatistics {
  const { features, width } = means, images = features.length / width;
  const mean = new Float64Array(width), square = new Float64Array(width);
  for (let place = 0; place < features.length; place++) {
    const value = features[place]!, i = place % width;
    mean[i]! += value / images;
    square[i]! += (squares === undefined ? value * value : squares.features[place]!) / images;
  }
  const deviation = mean.map((value, i) => {
    const spread = Math.sqrt(Math.max(0, square[i]! - value * value));
    return Math.max(spread, leastShare * Math.abs(value)) || 1;
  });
  return { mean, deviation };
}

/**
 * Rows less the mean, divided by the deviation.
 *
 * @example
 * ```ts
 * import { numberStatistics, standardizeRows } from "./standardize_rows.ts";
 * const rows = { features: Float32Array.of(1, 5), width: 1 };
 * const { features } = standardizeRows(rows, numberStatistics(rows));
 * if (features.join() !== "-1,1") throw new Error("Mean 0, deviation 1");
 * ```
 */
export function standardizeRows(
  { features, width }: FeatureMatrix,
  { mean, deviation }: { readonly mean: ArrayLike<number>; readonly deviation: ArrayLike<number> },
): FeatureMatrix {
  return {
    features: features.map((value, place) =>
      (value - mean[place % width]!) / deviation[place % width]!
    ),
    width,
  };
}
