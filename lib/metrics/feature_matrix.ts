/** Features of images, one row of numbers for each. */

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
 * import { featureMean } from "./feature_matrix.ts";
 * const mean = featureMean({ features: Float32Array.of(1, 5, 3, 5), width: 2 });
 * if (mean.join() !== "2,5") throw new Error("The mean is 2 and 5");
 * ```
 */
export function featureMean({ features, width }: FeatureMatrix): Float64Array {
  const images = features.length / width;
  const mean = new Float64Array(width);
  for (let from = 0; from < features.length; from += width) {
    for (let i = 0; i < width; i++) mean[i]! += features[from + i]! / images;
  }
  return mean;
}

/**
 * Features less their mean over images.
 *
 * @example
 * ```ts
 * import { centred } from "./feature_matrix.ts";
 * const { features } = centred({ features: Float32Array.of(1, 5, 3, 5), width: 2 });
 * if (features.join() !== "-1,0,1,0") throw new Error("The mean is 2 and 5");
 * ```
 */
export function centred(matrix: FeatureMatrix): FeatureMatrix {
  return shifted(matrix, featureMean(matrix));
}

/** Features less a mean `[width]`, such as that of other images. */
export function shifted({ features, width }: FeatureMatrix, mean: Float64Array): FeatureMatrix {
  return { features: features.map((value, i) => value - mean[i % width]!), width };
}

/** Rows of unit length `[rows, width]`; a row of zeros stays zero. */
export function unitRows({ features, width }: FeatureMatrix): Float32Array {
  const rows = new Float32Array(features.length);
  for (let from = 0; from < rows.length; from += width) {
    let squares = 0;
    for (let i = from; i < from + width; i++) squares += features[i]! ** 2;
    const length = Math.max(Math.sqrt(squares), 1e-12);
    for (let i = from; i < from + width; i++) rows[i] = features[i]! / length;
  }
  return rows;
}

/**
 * Features of the same images as one matrix, the rows of each part at unit length, times its weight.
 *
 * @param parts `[images, width]` each, at least one; widths may differ.
 * @param weights One for each part. Default: 1.
 *
 * @example
 * ```ts
 * import { joinUnitRows } from "./feature_matrix.ts";
 * const { features, width } = joinUnitRows([
 *   { features: Float32Array.of(3, 4), width: 2 },
 *   { features: Float32Array.of(9), width: 1 },
 * ], [1, 0.5]);
 * if (width !== 3 || features[2] !== 0.5) throw new Error("3 and 4 become 0.6 and 0.8, 9 becomes 0.5");
 * ```
 */
export function joinUnitRows(
  parts: readonly FeatureMatrix[],
  weights: readonly number[] = [],
): FeatureMatrix {
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const images = (parts[0]?.features.length ?? 0) / (parts[0]?.width ?? 1);
  const features = new Float32Array(images * width);
  let offset = 0;
  parts.forEach((part, place) => {
    const rows = unitRows(part), weight = weights[place] ?? 1;
    for (let image = 0; image < images; image++) {
      const from = image * part.width, to = image * width + offset;
      for (let i = 0; i < part.width; i++) features[to + i] = weight * rows[from + i]!;
    }
    offset += part.width;
  });
  return { features, width };
}

/** Copies the rows at some positions, each of `width` numbers. */
export function gatherRows(
  values: Float32Array | Uint8Array,
  positions: ArrayLike<number>,
  width: number,
): Float32Array {
  const rows = new Float32Array(positions.length * width);
  for (let row = 0; row < positions.length; row++) {
    const position = positions[row]!;
    rows.set(values.subarray(position * width, (position + 1) * width), row * width);
  }
  return rows;
}
