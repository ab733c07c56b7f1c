/** Tests by exchanging labels: what a statistic is where nothing tells two samples apart. */
import type { RandomStream } from "../../tensors/random.ts";

/**
 * Draws who of the pooled sample is of the first one: `first` positions of `images`, anew for every number of the draw.
 *
 * @param random the draws; draw i is at the address (i).
 */
export function drawRelabelling(
  random: RandomStream,
  draw: number,
  { images, first }: { readonly images: number; readonly first: number },
): Uint32Array {
  return random.at(draw).permutation(images).subarray(0, first);
}

/**
 * The p-value of a statistic against those under exchanged labels: the share that is at least as large, the
 * observed one among them. Never above its level by more than chance, whatever the statistic and the sizes.
 *
 * @param exchanged `[draws]`
 *
 * @example
 * ```ts
 * import { exchangeP } from "./relabelling.ts";
 * if (exchangeP(3, [1, 2, 3, 4]) !== 3 / 5) throw new Error("3, 4 and the observed one, of five");
 * ```
 */
export function exchangeP(observed: number, exchanged: ArrayLike<number>): number {
  // Sums in another order may differ in their last digits: such are the same value.
  const least = observed - 1e-12 * Math.abs(observed);
  const reached = Array.from(exchanged).filter((value) => value >= least).length;
  return (1 + reached) / (1 + exchanged.length);
}
