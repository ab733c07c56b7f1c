/** Correction of p-values for their number. */

/**
 * Adjusts p-values so that, at any level, the probability of one false alarm among all of them is at most that
 * level, however they depend on one another. The smallest is that of Bonferroni.
 *
 * @param values `[tests]`, in [0, 1].
 * @returns `[tests]`, in the same order.
 * @source Holm, "A simple sequentially rejective multiple test procedure" (1979).
 *
 * @example
 * ```ts
 * import { holm } from "./holm.ts";
 * if (holm([0.5, 0.01, 0.03]).join() !== "0.5,0.03,0.06") throw new Error("Times 1, 3 and 2");
 * ```
 */
export function holm(values: readonly number[]): number[] {
  const adjusted = new Array<number>(values.length);
  let largest = 0;
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  order.forEach((place, rank) => {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[place]!));
    adjusted[place] = largest;
  });
  return adjusted;
}
