/** Whether two samples of features come from one distribution: the maximum mean discrepancy. */
import type { RandomStream } from "../../tensors/random.ts";
import type { FeatureMatrix } from "../feature_matrix.ts";
import { metricRefusal } from "../refusal.ts";
import { drawRelabelling, exchangeP } from "./relabelling.ts";

/** Outcome of {@linkcode maximumMeanDiscrepancy}. */
export interface MaximumMeanDiscrepancy {
  /** Estimate of MMD² without bias; about 0, and as often below, where both are of one distribution. */
  readonly statistic: number;
  /** Share of exchanges of the pooled sample in which it is at least as large. */
  readonly p: number;
  /** Width of the Gaussian kernel: the root of the median of squared distances. */
  readonly bandwidth: number;
}

/**
 * Compares two samples by the unbiased estimate of MMD², with a Gaussian kernel `exp(-d² / 2 bandwidth²)`, against
 * its values where the labels of the pooled sample are exchanged. Takes memory of the square of all images.
 *
 * @param pooled `[images, width]`, first those of the first sample.
 * @param first number of images of the first sample; at least two in both.
 * @param random draws the exchanges.
 * @param options permutations: number of exchanges. Default: 499.
 * @throws {UserError} where a sample has fewer than two images, or all images are alike.
 * @source Gretton et al., "A kernel two-sample test" (2012), equation 3.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { maximumMeanDiscrepancy } from "./maximum_mean_discrepancy.ts";
 * const pooled = { features: Float32Array.from({ length: 20 }, (_, i) => i < 10 ? i : i + 90), width: 1 };
 * const { p } = maximumMeanDiscrepancy(pooled, 10, randomStream(0));
 * if (p > 0.01) throw new Error("Ten numbers about 5, ten about 105");
 * ```
 */
export function maximumMeanDiscrepancy(
  pooled: FeatureMatrix,
  first: number,
  random: RandomStream,
  { permutations = 499 }: { readonly permutations?: number | undefined } = {},
): MaximumMeanDiscrepancy {
  const images = pooled.features.length / pooled.width;
  const distances = squaredDistances(pooled, images);
  const median = medianOfPairs(distances, images);
  if (!(first >= 2 && images - first >= 2 && median > 0)) {
    throw metricRefusal(
      "compare two samples of features",
      `found ${first} and ${images - first} images${median > 0 ? "" : ", most of them alike"}`,
      "Give at least two images in each, with features that differ",
    );
  }
  const kernel = distances.map((distance) => Math.exp(-distance / (2 * median)));
  const sums = rowSums(kernel, images);
  // The smaller sample is summed: the other follows from the whole.
  const size = Math.min(first, images - first);
  const from = size === first ? 0 : first;
  const valueOf = (group: ArrayLike<number>) => discrepancy(kernel, sums, group);
  const statistic = valueOf(Array.from({ length: size }, (_, i) => from + i));
  const exchanged = Float64Array.from(
    { length: permutations },
    (_, i) => valueOf(drawRelabelling(random, i, { images, first: size })),
  );
  return { statistic, p: exchangeP(statistic, exchanged), bandwidth: Math.sqrt(median) };
}

/** `[images, images]` */
function squaredDistances({ features, width }: FeatureMatrix, images: number): Float64Array {
  const distances = new Float64Array(images * images);
  for (let i = 0; i < images; i++) {
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k < width; k++) {
        sum += (features[i * width + k]! - features[j * width + k]!) ** 2;
      }
      distances[i * images + j] = distances[j * images + i] = sum;
    }
  }
  return distances;
}

/** Of different images. */
function medianOfPairs(distances: Float64Array, images: number): number {
  const pairs = new Float64Array(images * (images - 1) / 2);
  for (let i = 1, at = 0; i < images; at += i++) {
    pairs.set(distances.subarray(i * images, i * images + i), at);
  }
  pairs.sort();
  const middle = pairs.length >> 1;
  return pairs.length % 2 === 1 ? pairs[middle]! : (pairs[middle - 1]! + pairs[middle]!) / 2;
}

/** Of each image with all others, without itself. */
function rowSums(kernel: Float64Array, images: number): Float64Array {
  return Float64Array.from({ length: images }, (_, i) => {
    let sum = -kernel[i * images + i]!;
    for (let j = 0; j < images; j++) sum += kernel[i * images + j]!;
    return sum;
  });
}

/** MMD² without bias between a group and all others. */
function discrepancy(
  kernel: Float64Array,
  sums: Float64Array,
  group: ArrayLike<number>,
): number {
  const images = sums.length, n = group.length, m = images - n;
  let [within, reached] = [0, 0];
  for (let a = 0; a < n; a++) {
    const row = group[a]! * images;
    reached += sums[group[a]!]!;
    for (let b = 0; b < a; b++) within += 2 * kernel[row + group[b]!]!;
  }
  const between = reached - within;
  const others = sums.reduce((sum, value) => sum + value, 0) - 2 * reached + within;
  return within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * between / (n * m);
}
