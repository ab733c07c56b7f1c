/** Features of images, whose labels do not matter. */

/** One row of numbers for each image. */
export interface FeatureMatrix {
  /** `[images, width]`, row-major. */
  readonly features: Float32Array;
  /** Numbers per image. */
  readonly width: number;
}

/**
 * Mean over images, `[width]`.
 *
 * @example
 * ```ts
 * import { featureMean } from "@hashigo/hashigo";
 * const mean = featureMean({ features: Float32Array.of(1, 5, 3, 5), width: 2 });
 * if (mean.join() !== "2,5") throw new Error("The mean is 2 and 5");
 * ```
 */
export function featureMean({ features, width }: FeatureMatrix): Float64Array {
  const images = features.length / width;
  const mean = new Float64Array(width);
  features.forEach((value, i) => mean[i % width]! += value / images);
  return mean;
}

/**
 * Features less their mean over images: what varies.
 *
 * @example
 * ```ts
 * import { centred } from "@hashigo/hashigo";
 * const { features } = centred({ features: Float32Array.of(1, 5, 3, 5), width: 2 });
 * if (features.join() !== "-1,0,1,0") throw new Error("The mean is 2 and 5");
 * ```
 */
export function centred(matrix: FeatureMatrix): FeatureMatrix {
  const { features, width } = matrix, mean = featureMean(matrix);
  return { features: features.map((value, i) => value - mean[i % width]!), width };
}
