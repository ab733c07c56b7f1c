/** How far a score over test images may be trusted. */
import type { RandomStream } from "../random.ts";

/**
 * Percentile interval of a mean by the bootstrap: the test images are drawn again and again with
 * replacement, and the interval holds the middle of the means.
 *
 * @param values one number per test image, such as 1 where it was right and 0 where not.
 * @param random the draws; the same stream gives the same interval.
 * @param options resamples: default 1000; level: share of the means inside, default 0.95.
 * @source Efron, "Bootstrap methods: another look at the jackknife" (1979).
 *
 * @example
 * ```ts
 * import { bootstrapInterval, randomStream } from "@hashigo/hashigo";
 * const { low, high } = bootstrapInterval([0, 1, 1, 1], randomStream(0));
 * if (!(low < 0.75 && high <= 1)) throw new Error("The mean lies inside");
 * ```
 */
export function bootstrapInterval(
  values: ArrayLike<number>,
  random: RandomStream,
  options: { readonly resamples?: number; readonly level?: number } = {},
): { readonly low: number; readonly high: number } {
  const { resamples = 1000, level = 0.95 } = options;
  const count = values.length;
  if (count === 0) return { low: NaN, high: NaN };
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    const draws = random.at(i).uniform(count);
    let sum = 0;
    for (const draw of draws) sum += values[Math.floor(draw * count)] ?? 0;
    means[i] = sum / count;
  }
  means.sort();
  const outside = Math.floor(resamples * (1 - level) / 2);
  return { low: means[outside] ?? NaN, high: means[resamples - 1 - outside] ?? NaN };
}
