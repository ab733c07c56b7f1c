/** Difference of two models on the same test images, with its uncertainty. */
import type { RandomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { bootstrapInterval, type BootstrapOptions, resampledMeans } from "./bootstrap.ts";
import { meanOf } from "../mean_of.ts";

/** Outcome of {@linkcode pairedBootstrap}, in the unit of the scores. */
export interface PairedDifference {
  /** Mean of the first minus mean of the second. */
  readonly difference: number;
  /** Lower end of the interval of the difference. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
  /**
   * Two-sided p-value: twice the share of resamples in which the sign is not that of the difference.
   * One such is counted in advance, so it is never 0; a difference of 0 counts half.
   */
  readonly p: number;
}

/**
 * Compares two models on the same test images: images, each with both of its scores, are drawn again
 * with replacement. What both models find hard cancels, so differences show that two separate
 * intervals would hide.
 *
 * @param first one number per test image, such as 1 where it was right.
 * @param second the other model's, in the same order of images.
 * @param random the draws; the same stream gives the same outcome.
 * @throws {UserError} where the models were not measured on equally many images, or on none, or a
 * score is not finite.
 * @source Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapters 13 and 16.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { pairedBootstrap } from "@hashigo/hashigo/metrics";
 * const teacher = Array.from({ length: 100 }, (_, i) => i % 2);
 * const student = teacher.map((right, i) => i < 20 ? 1 : right);
 * const { difference, low } = pairedBootstrap(student, teacher, randomStream(0));
 * if (difference !== 0.1 || low <= 0) throw new Error("Right wherever the teacher is, and more");
 * ```
 */
export function pairedBootstrap(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  random: RandomStream,
  options: BootstrapOptions = {},
): PairedDifference {
  const { resamples = 1000 } = options;
  const differences = Float64Array.from(first, (score, i) => score - (second[i] ?? NaN));
  const count = differences.length;
  if (count === 0 || count !== second.length || !differences.every(Number.isFinite)) {
    throw new UserError(
      `Cannot compare two models: found scores of ${first.length} and ${second.length} images` +
        `${count === second.length && count > 0 ? ", some not finite" : ""}, expected one finite ` +
        "score from each for every image. Measure both on the same images.",
    );
  }
  const difference = meanOf(differences);
  const below = resampledMeans(differences, random, resamples)
    .reduce((sum, mean) => sum + Number(mean < 0) + Number(mean === 0) / 2, 0);
  const other = Math.min(below, resamples - below);
  return {
    difference,
    ...bootstrapInterval(differences, random, options),
    p: Math.min(1, 2 * (other + 1) / (resamples + 1)),
  };
}
