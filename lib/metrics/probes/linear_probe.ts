/** Accuracy of a linear classifier on frozen features. */
import type { RandomStream } from "../../tensors/random.ts";
import {
  countClasses,
  gatherImages,
  type LabelledFeatures,
  percentRight,
  placesByClass,
} from "../labelled_features.ts";
import { checkTwoClasses } from "./check_features.ts";
import { fitLogistic, predictLogistic } from "./logistic.ts";
import type { LogisticModel } from "./logistic_model.ts";

/** Outcome of {@linkcode linearProbe}. */
export interface LinearProbeResult {
  /** Percentage of test images that were classified rightly. */
  readonly top1: number;
  /** `[images]` */
  readonly predictions: Int32Array;
  /** The inverse penalty that was chosen. */
  readonly c: number;
  /** The classifier that was fitted to all training images. */
  readonly model: LogisticModel;
}

/** Inverse penalties that are tried, from strong to weak. */
const candidates: readonly number[] = [1e-4, 1e-3, 1e-2, 0.1, 1, 10, 100, 1e3, 1e4];

/**
 * Measures the accuracy of a linear probe. Its penalty is chosen on a fifth of the training images (of each class,
 * at least one), then it is fitted to all of them; test images take no part in either.
 *
 * @param random draws the fifth
 * @param options.c inverse penalty to use, without a choice
 * @param options.maximumIterations of every fit; default 2000
 * @source UNIC appendix B (logistic regression); a grid of nine penalties instead of its 40 trials.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { linearProbe } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const features = Float32Array.of(-2, -1, -3, 1, 2, 3);
 * const set = { features, labels: Int32Array.of(0, 0, 0, 1, 1, 1), width: 1 };
 * const { top1 } = await linearProbe(set, set, randomStream(0));
 * if (top1 !== 100) throw new Error("Expected two separate classes");
 * ```
 */
export async function linearProbe(
  train: LabelledFeatures,
  test: LabelledFeatures,
  random: RandomStream,
  options: { readonly c?: number | undefined; readonly maximumIterations?: number | undefined } =
    {},
): Promise<LinearProbeResult> {
  checkTwoClasses(train, "fit a linear probe");
  const classes = countClasses(train);
  const { maximumIterations = 2000 } = options;
  const c = options.c ?? await choosePenalty(train, random, { classes, maximumIterations });
  const model = await fitLogistic(train, { classes, c, maximumIterations });
  const predictions = await predictLogistic(model, test.features, test.width);
  return { top1: percentRight(predictions, test), predictions, c, model };
}

/** The inverse penalty that classifies a held-out fifth best; the strongest of equals. */
export async function choosePenalty(
  all: LabelledFeatures,
  random: RandomStream,
  options: { readonly classes: number; readonly maximumIterations: number },
): Promise<number> {
  const { fit, held } = splitByClass(all, random);
  let best = { c: candidates[0]!, right: -1 };
  let start: LogisticModel | undefined;
  for (const c of candidates) {
    // Each begins where the stronger penalty before it ended.
    start = await fitLogistic(fit, { ...options, c, start });
    const predictions = await predictLogistic(start, held.features, held.width);
    const right = percentRight(predictions, held);
    if (right > best.right) best = { c, right };
  }
  return best.c;
}

/** Four fifths and one fifth of each class; a class of one image stays in both. */
export function splitByClass(
  all: LabelledFeatures,
  random: RandomStream,
): { readonly fit: LabelledFeatures; readonly held: LabelledFeatures } {
  const [fit, held]: [number[], number[]] = [[], []];
  for (const [label, images] of placesByClass(all.labels)) {
    const order = Array.from(random.at("held out", label).permutation(images.length));
    const count = Math.max(1, Math.round(images.length / 5));
    held.push(...order.slice(0, count).map((place) => images[place]!));
    fit.push(...(images.length === 1 ? order : order.slice(count)).map((place) => images[place]!));
  }
  const take = (places: number[]) => gatherImages(all, places.sort((a, b) => a - b));
  return { fit: take(fit), held: take(held) };
}
