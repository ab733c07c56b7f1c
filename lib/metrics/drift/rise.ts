/** How much a number rises from images to others, with its uncertainty. */
import type { RandomStream } from "../../tensors/random.ts";
import { resampledMeans } from "../comparison/bootstrap.ts";
import { meanOf } from "../mean_of.ts";

/** A number of each image, of two samples of images. */
export interface TwoSamples {
  /** `[images]`, above 0. */
  readonly reference: ArrayLike<number>;
  /** `[images]`, above 0. */
  readonly current: ArrayLike<number>;
}

/** A rise, and where it lies. */
export interface Rise {
  /** Mean over the reference, or its share of the mean of the whole. */
  readonly reference: number;
  /** The same over new images. */
  readonly current: number;
  /** The latter as a multiple of the former. */
  readonly times: number;
  /** Lower end of the 95 % interval of `times` over images. */
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
 * @param random the draws; the same stream draws the same images.
 * @param whole what the numbers are parts of, of the same images: the shares of the means are compared then.
 * Default: the means themselves.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { riseOf } from "./rise.ts";
 * const { times, low } = riseOf({ reference: [1, 1, 2], current: [3, 3, 2] }, randomStream(0));
 * if (times !== 2 || low > 2) throw new Error("From 4 / 3 to 8 / 3");
 * ```
 */
export function riseOf(samples: TwoSamples, random: RandomStream, whole?: TwoSamples): Rise {
  const share = (kind: keyof TwoSamples) =>
    meanOf(samples[kind]) / (whole ? meanOf(whole[kind]) : 1);
  const shares = (kind: keyof TwoSamples) => {
    const draws = random.at(kind), parts = resampledMeans(samples[kind], draws, resamples);
    const wholes = whole && resampledMeans(whole[kind], draws, resamples);
    return wholes === undefined ? parts : parts.map((part, i) => part / wholes[i]!);
  };
  const below = shares("reference");
  const drawn = shares("current").map((value, i) => value / below[i]!).sort();
  const outside = Math.floor(resamples * 0.025);
  const [reference, current] = [share("reference"), share("current")];
  return {
    ...{ reference, current, times: current / reference },
    ...{ low: drawn[outside]!, high: drawn[resamples - 1 - outside]! },
  };
}
