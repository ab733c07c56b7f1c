/** Fits a calibrated classifier to the features of labelled images. */
import { wilsonInterval } from "../metrics/comparison/wilson_interval.ts";
import { calibrationError } from "../metrics/probes/calibration.ts";
import { drawFolds } from "../metrics/probes/cross_validation.ts";
import { choosePenalty } from "../metrics/probes/linear_probe.ts";
import { fitLogistic, logisticProbabilities } from "../metrics/probes/logistic.ts";
import type { CostMatrix } from "../metrics/costs/cost_matrix.ts";
import { gatherImages, type LabelledFeatures } from "../metrics/labelled_features.ts";
import { randomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import { atTemperature, decide, type Head, type HeadValidation } from "./head.ts";
import { meanOf } from "../metrics/mean_of.ts";

/** Options of {@linkcode fitHead}. */
export interface FitHeadOptions {
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Digest of the network whose features they are. */
  readonly network: string;
  /** What the images are, in words. */
  readonly images: string;
  /** Costs of errors. Default: every error costs 1. */
  readonly costs?: CostMatrix | undefined;
  /** Cost of deferring an image to a person, in the unit of the costs. Default: none is deferred. */
  readonly rejection?: number | undefined;
  /** Draws held-out images. Default: 0. */
  readonly seed?: number | undefined;
  /** Parts of the cross-validation. Default: 5. */
  readonly folds?: number | undefined;
  /** Called with the number of fits that are done, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Fits a multinomial logistic regression. Its penalty is chosen on a held-out fifth; its temperature and its scores
 * come from cross-validation, in which each image is classified by a fit to the others.
 *
 * @throws {UserError} where there are fewer than two classes, or a class has fewer than two images
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { fitHead } from "./fit_head.ts";
 * await startEngine();
 * const features = Float32Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1) + (i % 7) / 20);
 * const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
 * const options = { classes: ["low", "high"], network: "made up", images: "40 numbers" };
 * const { validation } = await fitHead({ features, labels, width: 1 }, options);
 * if (validation.accuracy !== 100) throw new Error("Two separate classes");
 * ```
 */
export async function fitHead(train: LabelledFeatures, options: FitHeadOptions): Promise<Head> {
  const { classes, network, images, costs, rejection, seed = 0, folds = 5 } = options;
  checkClasses(train, classes);
  const random = randomStream(seed).at("head"), count = classes.length;
  const shape = { classes: count, maximumIterations: 2000 };
  const c = await choosePenalty(train, random, shape);
  const held = await heldOutProbabilities(train, {
    ...{ ...shape, c, folds, random },
    onProgress: options.onProgress,
  });
  const temperature = bestTemperature(held.probabilities, held.labels, count);
  const { weight, bias } = await fitLogistic(train, { ...shape, c });
  options.onProgress?.(folds + 1, folds + 1);
  const decision = { classes, costs, rejection };
  return {
    ...decision,
    width: train.width,
    weight: Float32Array.from(weight),
    bias: Float32Array.from(bias),
    temperature,
    validation: validationOf(held, { ...decision, temperature }),
    network,
    images,
  };
}

/** Images that were held out once, with the probabilities of fits to the others. */
interface HeldOut {
  /** `[images, classes]` */
  readonly probabilities: Float32Array;
  /** `[images]` */
  readonly labels: Int32Array;
}

async function heldOutProbabilities(
  train: LabelledFeatures,
  { folds, random, c, classes, maximumIterations, onProgress }: {
    readonly folds: number;
    readonly random: Parameters<typeof drawFolds>[2];
    readonly c: number;
    readonly classes: number;
    readonly maximumIterations: number;
    readonly onProgress?: FitHeadOptions["onProgress"];
  },
): Promise<HeldOut> {
  const fold = drawFolds(train.labels, folds, random);
  const places = [...train.labels.keys()];
  const parts: Float32Array[] = [], labels: number[] = [];
  for (let held = 0; held < folds; held++) {
    const measured = places.filter((place) => fold[place] === held);
    onProgress?.(held, folds + 1);
    if (measured.length === 0) continue;
    const learnt = gatherImages(train, places.filter((place) => fold[place] !== held));
    const asked = gatherImages(train, measured);
    const model = await fitLogistic(learnt, { c, classes, maximumIterations });
    parts.push(await logisticProbabilities(model, asked.features, asked.width));
    labels.push(...asked.labels);
  }
  const probabilities = new Float32Array(labels.length * classes);
  let from = 0;
  for (const part of parts) {
    probabilities.set(part, from);
    from += part.length;
  }
  return { probabilities, labels: Int32Array.from(labels) };
}

/** Temperatures between which the best is sought: a strong penalty leaves logits that are all but alike. */
const [coldest, hottest] = [1e-4, 100];

/** The temperature at which the labels are most likely, by golden section over its logarithm. */
export function bestTemperature(
  probabilities: Float32Array,
  labels: Int32Array,
  classes: number,
): number {
  const surprise = (logarithm: number) => {
    const changed = atTemperature(probabilities, classes, Math.exp(logarithm));
    return labels.reduce(
      (sum, label, image) => sum - Math.log(Math.max(1e-30, changed[image * classes + label]!)),
      0,
    );
  };
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(coldest), Math.log(hottest)];
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [atLeft, atRight] = [surprise(left), surprise(right)];
  while (high - low > 1e-3) {
    if (atLeft <= atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - ratio * (high - low);
      atLeft = surprise(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + ratio * (high - low);
      atRight = surprise(right);
    }
  }
  return Math.exp((low + high) / 2);
}

function validationOf(
  { probabilities, labels }: HeldOut,
  head: Pick<Head, "classes" | "costs" | "rejection" | "temperature">,
): HeadValidation {
  const { classes, temperature } = head, images = labels.length;
  const calibrated = atTemperature(probabilities, classes.length, temperature);
  const decisions = decide(head, calibrated);
  const right = decisions.map((one, image) => Number(one.class === classes[labels[image]!]));
  const errorOf = (values: Float32Array) => {
    const top = topOf(values, labels, classes.length);
    return calibrationError(top.confidences, top.right).ece;
  };
  const kept = right.filter((_, image) => !decisions[image]!.unsure);
  return {
    images,
    accuracy: 100 * meanOf(right),
    interval: wilsonInterval(right.reduce((sum, one) => sum + one, 0), images),
    calibration: [errorOf(probabilities), errorOf(calibrated)],
    ...head.rejection !== undefined && {
      deferral: {
        deferred: 100 * (1 - kept.length / images),
        accuracy: kept.length === 0 ? NaN : 100 * meanOf(kept),
      },
    },
  };
}

/** The most probable class of each image: how probable it is, and whether it is right. */
function topOf(probabilities: Float32Array, labels: Int32Array, classes: number) {
  const confidences = new Float64Array(labels.length), right = new Float64Array(labels.length);
  labels.forEach((label, image) => {
    const row = probabilities.subarray(image * classes, (image + 1) * classes);
    const top = row.reduce((best, value, i) => value > row[best]! ? i : best, 0);
    confidences[image] = Math.min(1, row[top]!);
    right[image] = Number(top === label);
  });
  return { confidences, right };
}

function checkClasses({ labels }: LabelledFeatures, classes: readonly string[]): void {
  const counts = classes.map((_, label) => labels.filter((one) => one === label).length);
  const small = counts.findIndex((count) => count < 2);
  if (classes.length >= 2 && small === -1) return;
  throw new UserError(
    "Cannot fit a classifier: found " +
      (classes.length < 2
        ? `${classes.length} classes, expected at least 2`
        : `${counts[small]} images of "${classes[small]}", expected at least 2 of each class`) +
      ". Give a folder with a subfolder for each class",
  );
}
