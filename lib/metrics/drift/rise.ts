/** How much a number rises from images to others, with its uncertainty; and whether it rises more than another. */
import type { RandomStream } from "../../tensors/random.ts";
import { resampledMeans } from "../comparison/bootstrap.ts";

/** A number of each image, of two samples of images. */
export interface TwoSamples {
  /** `[images]`, above 0. */
  readonly reference: ArrayLike<number>;
  /** `[images]`, above 0. */
  readonly current: ArrayLike<number>;
}

/** A ratio, and where it lies. */
export interface RatioInterval {
  readonly ratio: number;
  /** Lower end of the 95 % interval over images. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
}

/** How often images are drawn again. */
const resamples = 1000;

/**
 * The mean over new images as a multiple of that over the reference: 1 where nothing has changed. The interval is
 * that of the bootstrap, over the images of both.
 *
 * @param random the draws; the same stream draws the same images for all numbers.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { riseOf } from "./rise.ts";
 * const { ratio, low } = riseOf({ reference: [1, 1, 2], current: [3, 3, 2] }, randomStream(0));
 * if (ratio !== 2 || low > 2) throw new Error("From 4 / 3 to 8 / 3");
 * ```
 */
export function riseOf(samples: TwoSamples, random: RandomStream): RatioInterval {
  return intervalOf(meanRatio(samples), drawnRatios(samples, random));
}

/**
 * The rise of one number as a multiple of that of another, of the same images: above 1 where the first rises more.
 *
 * @param random as of {@linkcode riseOf}
 */
export function excessRise(
  first: TwoSamples,
  second: TwoSamples,
  random: RandomStream,
): RatioInterval {
  const others = drawnRatios(second, random);
  const drawn = drawnRatios(first, random).map((ratio, i) => ratio / others[i]!);
  return intervalOf(meanRatio(first) / meanRatio(second), drawn);
}

function meanRatio({ reference, current }: TwoSamples): number {
  return mean(current) / mean(reference);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function drawnRatios({ reference, current }: TwoSamples, random: RandomStream): Float64Array {
  const below = resampledMeans(reference, random.at("reference"), resamples);
  return resampledMeans(current, random.at("current"), resamples)
    .map((value, i) => value / below[i]!);
}

function intervalOf(ratio: number, drawn: Float64Array): RatioInterval {
  const sorted = drawn.toSorted(), outside = Math.floor(resamples * 0.025);
  return { ratio, low: sorted[outside]!, high: sorted[resamples - 1 - outside]! };
}
