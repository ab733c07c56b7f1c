/** Classification of frozen features from a few labelled images of each class. */
import type { RandomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { checkFeatures } from "./check_features.ts";
import { type LabelledFeatures, placesByClass } from "../labelled_features.ts";
import { groupMeans, nearestMeans } from "./nearest_mean.ts";
import { unitRows } from "../feature_matrix.ts";
import { meanOf } from "../mean_of.ts";

/** Outcome of {@linkcode fewShot}. */
export interface FewShotResult {
  /** Mean accuracy over the episodes, in percent. */
  readonly top1: number;
  /** Lower end of the 95 % interval of that mean over draws of the shots; test images stay. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
  /** `[episodes]`, the accuracy of each, in percent. */
  readonly episodes: Float64Array;
  /** `[images]`, the share of episodes in which each test image was right. */
  readonly shares: Float64Array;
}

/** Options of {@linkcode fewShot}. */
export interface FewShotOptions {
  /** Train images of each class in an episode. Default: 5. */
  readonly shots?: number | undefined;
  /** Default: 100. */
  readonly episodes?: number | undefined;
}

/**
 * Measures accuracy from few images: in each episode some train images of every class are drawn without
 * replacement, and all test images get the class of the most similar mean, as in
 * {@linkcode classMean}.
 *
 * @param random draws the shots; the same stream and labels give the same episodes for every model.
 * @throws {UserError} where the features cannot be used, or a class has fewer train images than shots.
 * @source Snell, Swersky and Zemel, "Prototypical networks for few-shot learning" (2017), untrained, over
 * all classes; the interval is that of a mean, 1.96 standard errors to both sides.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { fewShot } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const features = Float32Array.of(1, 0, 0.9, 0.1, 0, 1, 0.2, 0.8);
 * const set = { features, labels: Int32Array.of(0, 0, 1, 1), width: 2 };
 * const { top1 } = await fewShot(set, set, randomStream(0), { shots: 1 });
 * if (top1 !== 100) throw new Error("Any image shows the way of its class");
 * ```
 */
export async function fewShot(
  train: LabelledFeatures,
  test: LabelledFeatures,
  random: RandomStream,
  options: FewShotOptions = {},
): Promise<FewShotResult> {
  const { shots = 5, episodes: count = 100 } = options;
  checkFeatures(train, test, "measure few-shot accuracy");
  const classes = placesByClass(train.labels);
  const draws = drawShots(classes, random, { shots, episodes: count });
  const unit = unitRows(train);
  const means = draws.values().map((groups) => groupMeans(unit, train.width, groups));
  const nearestClasses = await nearestMeans(test, means);
  const images = test.labels.length;
  const shares = new Float64Array(images);
  const episodes = Float64Array.from(nearestClasses, (nearest) => {
    let right = 0;
    nearest.forEach((group, image) => {
      const hit = Number(classes[group]![0] === test.labels[image]);
      right += hit;
      shares[image]! += hit / count;
    });
    return 100 * right / images;
  });
  return { ...meanWithInterval(episodes), episodes, shares };
}

/** Places of the shots of each class, by episode. */
function drawShots(
  classes: readonly (readonly [label: number, places: readonly number[]])[],
  random: RandomStream,
  { shots, episodes }: { readonly shots: number; readonly episodes: number },
): number[][][] {
  const small = classes.find(([, places]) => places.length < shots);
  if (small !== undefined || !(shots >= 1) || !(episodes >= 1)) {
    throw new UserError(
      `Cannot draw ${episodes} episodes of ${shots} shots: ` +
        (small === undefined
          ? "expected at least one of each."
          : `the class ${small[0]} has ${small[1].length} train images, expected at least ` +
            `${shots}. Take fewer shots, more images, or a higher limit.`),
    );
  }
  return Array.from({ length: episodes }, (_, episode) =>
    classes.map(([label, places]) => {
      const order = random.at(episode, label).permutation(places.length);
      return Array.from(order.subarray(0, shots), (place) => places[place]!);
    }));
}

function meanWithInterval(values: Float64Array): { top1: number; low: number; high: number } {
  const count = values.length;
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = count > 1 ? Math.sqrt(squares / (count - 1) / count) : NaN;
  return { top1: mean, low: mean - 1.96 * error, high: mean + 1.96 * error };
}
