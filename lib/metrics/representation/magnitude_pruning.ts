/** Pruning of weights by their magnitude. */

/**
 * Sets a share of the weights, those of the smallest magnitude, to zero; of equal ones the first.
 *
 * @param share from 0 to 1; the number of zeros is rounded.
 * @throws {RangeError} where the share is another number.
 * @source Han et al., "Learning both weights and connections for efficient neural networks" (2015),
 * without the training afterwards, as in UNIC section 4.2.
 *
 * @example
 * ```ts
 * import { pruneSmallest } from "@hashigo/hashigo/metrics";
 * const pruned = pruneSmallest(Float32Array.of(-3, 0.5, 2, -1), 0.5);
 * if (pruned.join() !== "-3,0,2,0") throw new Error("The two largest stay");
 * ```
 */
export function pruneSmallest(weights: Float32Array, share: number): Float32Array {
  if (!(share >= 0 && share <= 1)) {
    throw new RangeError(`Cannot prune a share of ${share}: expected a number from 0 to 1`);
  }
  const count = Math.round(share * weights.length);
  if (count === 0) return weights.slice();
  const sizes = weights.map(Math.abs).sort();
  const threshold = sizes[count - 1]!;
  let equal = count - sizes.indexOf(threshold);
  return weights.map((weight) => {
    const size = Math.abs(weight);
    if (size > threshold) return weight;
    return size < threshold || equal-- > 0 ? 0 : weight;
  });
}
