/** Confidence intervals of scores over test images. */
import type { RandomStream } from "../../tensors/random.ts";

/** Options of {@linkcode bootstrapInterval}. */
export interface BootstrapOptions {
  /** How often images are drawn again. Default: 1000. */
  readonly resamples?: number | undefined;
  /** Share of the means inside the interval. Default: 0.95. */
  readonly level?: number | undefined;
}

/**
 * Percentile interval of a mean by the bootstrap: the test images are drawn again and again with
 * replacement, and the interval holds the middle of the means.
 *
 * @param values one number per test image, such as 1 where it was right and 0 where not.
 * @param random the draws; the same stream gives the same interval.
 * @source Efron, "Bootstrap methods: another look at the jackknife" (1979).
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { bootstrapInterval } from "@hashigo/hashigo/metrics";
 * const { low, high } = bootstrapInterval([0, 1, 1, 1], randomStream(0));
 * if (!(low < 0.75 && high <= 1)) throw new Error("The mean lies inside");
 * ```
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  random: RandomStream,
  options: BootstrapOptions = {},
): { readonly low: number; readonly high: number } {
  const { resamples = 1000, level = 0.95 } = options;
  if (values.length === 0) return { low: NaN, high: NaN };
  return middleOf(resampledMeans(values, random, resamples), level);
}

/** Ends of the interval that holds the middle of the values: a share of them, between equally many on both sides. */
export function middleOf(
  values: Float64Array,
  level = 0.95,
): { readonly low: number; readonly high: number } {
  const sorted = values.toSorted(), resamples = values.length;
  const outside = Math.floor(resamples * (1 - level) / 2);
  return { low: sorted[outside] ?? NaN, high: sorted[resamples - 1 - outside] ?? NaN };
}

/**
 * Means of the values, `[resamples]`, each over as many images drawn with replacement. A stream draws the
 * same images for all sets of values of one length, so models can be compared draw by draw.
 *
 * @param values one number per test image, at least one.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { resampledMeans } from "./bootstrap.ts";
 * const [mean] = resampledMeans([2, 2, 2], randomStream(0), 1);
 * if (mean !== 2) throw new Error("Whatever is drawn, it is 2");
 * ```
 */
export function resampledMeans(
  values: ArrayLike<number>,
  random: RandomStream,
  resamples: number,
): Float64Array {
  const count = values.length;
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (const draw of random.at(i).uniform(count)) sum += values[Math.floor(draw * count)] ?? 0;
    means[i] = sum / count;
  }
  return means;
}
