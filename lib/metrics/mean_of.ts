/** The mean of numbers. */

/**
 * The mean of numbers, added up in their order; NaN of none.
 *
 * @example
 * ```ts
 * import { meanOf } from "./mean_of.ts";
 * if (meanOf([1, 2, 6]) !== 3) throw new Error("Expected 3");
 * ```
 */
export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
