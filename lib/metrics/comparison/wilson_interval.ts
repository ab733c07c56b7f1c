/** Confidence interval of a share of independent trials. */

/**
 * 95 % interval in percent of the share of trials that succeed.
 *
 * @param successes from 0 to `trials`.
 * @param trials at least 1.
 * @source Wilson, "Probable inference, the law of succession, and statistical inference" (1927)
 *
 * @example
 * ```ts
 * import { wilsonInterval } from "./wilson_interval.ts";
 * const [low, high] = wilsonInterval(10, 200);
 * if (Math.abs(low - 2.74) > 0.01 || Math.abs(high - 8.96) > 0.01) throw new Error("About 5 %");
 * ```
 */
export function wilsonInterval(successes: number, trials: number): [low: number, high: number] {
  const z = 1.959964, share = successes / trials;
  const middle = (share + z * z / (2 * trials)) / (1 + z * z / trials);
  const half = z / (1 + z * z / trials) *
    Math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials));
  return [100 * (middle - half), 100 * (middle + half)];
}
