/** Difference of two ways to train in the mean over tasks, with the uncertainty of test images and of seeds. */
import { UserError } from "../../errors/user_error.ts";
import { randomStream } from "../../tensors/random.ts";
import { resampledMeans } from "./bootstrap.ts";
import { differenceOf } from "./mean_difference.ts";
import type { PairedDifference } from "./paired_bootstrap.ts";
import { meanOf } from "../mean_of.ts";

/** Scores of two ways to train on the test images of one task, a network for each seed. */
export interface SeededScores {
  /** Name of the task, by which its images are drawn. */
  readonly task: string;
  /** `[seeds][images]` */
  readonly first: readonly ArrayLike<number>[];
  /** `[seeds][images]`, in the same order of seeds and of images. */
  readonly second: readonly ArrayLike<number>[];
}

/** Outcome of {@linkcode seededDifference}, in the unit of the scores. */
export interface SeededDifference extends PairedDifference {
  /** The mean over the tasks by seed, first minus second. */
  readonly bySeed: readonly number[];
}

/**
 * Compares two ways to train in the plain mean over tasks, each trained with several seeds and measured on the
 * same test images. Images and seeds are drawn again with replacement, apart from each other and each with its
 * scores of both: the images of a task are the same for all seeds of a draw. Of n seeds n − 1 are drawn, which
 * makes the spread that draws of so few have that of a mean of n.
 *
 * @param seed draws images and seeds; the images of a task as for its own interval.
 * @param options resamples, default 1000; level, the share of draws inside the interval, default 0.95.
 * @throws {UserError} where there is no task, fewer than two seeds, or scores of other images or seeds
 * @source Owen, "The pigeonhole bootstrap" (2007), for two factors that are drawn apart; Rao and Wu,
 * "Resampling inference with complex survey data" (1988), for draws of n − 1.
 *
 * @example
 * ```ts
 * import { seededDifference } from "./seeded_difference.ts";
 * const half = Array.from({ length: 100 }, (_, i) => i % 2);
 * const more = half.map((right, i) => i < 20 ? 1 : right);
 * const { difference, low, bySeed } = seededDifference([
 *   { task: "a", first: [more, more], second: [half, half] },
 * ], 0);
 * if (Math.abs(difference - 0.1) > 1e-12 || low <= 0 || bySeed.length !== 2) throw new Error("0.1 each");
 * ```
 */
export function seededDifference(
  tasks: readonly SeededScores[],
  seed: number,
  options: { readonly resamples?: number | undefined; readonly level?: number | undefined } = {},
): SeededDifference {
  const { resamples = 1000, level = 0.95 } = options;
  const count = tasks[0]?.first.length ?? 0, random = randomStream(seed);
  if (count < 2) throw unequal("found fewer than two seeds");
  const bySeed = new Float64Array(count);
  /** `[seeds][resamples]` */
  const means = Array.from({ length: count }, () => new Float64Array(resamples));
  for (const { task, first, second } of tasks) {
    if (first.length !== count || second.length !== count) throw unequal(`on "${task}"`);
    for (const [s, scores] of first.entries()) {
      const other = second[s]!;
      const differences = Float64Array.from(scores, (score, i) => score - (other[i] ?? NaN));
      const isWhole = scores.length === other.length && differences.length > 0;
      if (!isWhole || !differences.every(Number.isFinite)) throw unequal(`on "${task}"`);
      bySeed[s]! += meanOf(differences) / tasks.length;
      // The same stream draws the same images for all seeds.
      resampledMeans(differences, random.at("bootstrap", task), resamples)
        .forEach((value, i) => means[s]![i]! += value / tasks.length);
    }
  }
  const draws = Float64Array.from({ length: resamples }, (_, i) => {
    const chosen = random.at("bootstrap seeds", i).uniform(count - 1);
    return meanOf(Float64Array.from(chosen, (draw) => means[Math.floor(draw * count)]![i]!));
  });
  return { ...differenceOf(meanOf(bySeed), draws, level), bySeed: [...bySeed] };
}

function unequal(found: string): UserError {
  return new UserError(
    `Cannot compare two ways to train: ${found}, expected one finite score from each for every seed and ` +
      "image, of at least two seeds. Train both with the same seeds, and measure on the same images.",
  );
}
