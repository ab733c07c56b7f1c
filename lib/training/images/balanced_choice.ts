/** A choice of images in which no cluster prevails. */
import type { RandomStream } from "../../tensors/random.ts";

/**
 * Positions of `count` images, sorted: clusters take turns, so that each has as many as the others as far
 * as it has images. Which of its images a cluster gives is random.
 *
 * @param clusters of each image, `[images]`
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { balancedChoice } from "./balanced_choice.ts";
 * const chosen = balancedChoice([0, 0, 0, 0, 1], 2, randomStream(0));
 * if (chosen[1] !== 4) throw new Error("Expected one of each cluster");
 * ```
 */
export function balancedChoice(
  clusters: ArrayLike<number>,
  count: number,
  random: RandomStream,
): number[] {
  const taken = new Map<number, number>();
  const turns = Array.from(random.permutation(clusters.length), (image) => {
    const cluster = clusters[image]!;
    const turn = taken.get(cluster) ?? 0;
    taken.set(cluster, turn + 1);
    return { image, turn };
  });
  return turns.toSorted((a, b) => a.turn - b.turn).slice(0, count)
    .map(({ image }) => image)
    .sort((a, b) => a - b);
}
