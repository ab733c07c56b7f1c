/** Accuracy of frozen features by cross-validation, from the images to learn from alone. */
import type { RandomStream } from "../../tensors/random.ts";
import { gatherImages, type LabelledFeatures, placesByClass } from "../labelled_features.ts";
import { knn } from "./knn.ts";
import { linearProbe } from "./linear_probe.ts";

/** Options of {@linkcode crossValidate}. */
export interface CrossValidationOptions {
  /** Parts that the images fall into, each of which is held out once. Default: 4. */
  readonly folds?: number | undefined;
  /** Neighbours of the k-NN vote. Default: 20. */
  readonly k?: number | undefined;
}

/** Outcome of {@linkcode crossValidate}, in percent of all images that were held out once. */
export interface CrossValidated {
  /** Accuracy of the votes of neighbours. */
  readonly knn: number;
  /** Accuracy of logistic regression. */
  readonly logistic: number;
}

/**
 * Fold of each image, `[images]`, drawn: every class is spread evenly over the folds. An image that is alone
 * in its class is in none (-1): it is always learnt from.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { drawFolds } from "./cross_validation.ts";
 * const folds = drawFolds(Int32Array.of(0, 0, 1, 1, 2), 2, randomStream(0));
 * if (folds[4] !== -1 || folds[0] === folds[1]) throw new Error("Both classes are in both folds");
 * ```
 */
export function drawFolds(labels: Int32Array, folds: number, random: RandomStream): Int32Array {
  const fold = new Int32Array(labels.length).fill(-1);
  for (const [label, images] of placesByClass(labels)) {
    if (images.length < 2) continue;
    const order = random.at("fold", label).permutation(images.length);
    // Each class begins at another fold, so that small classes do not all fill the first.
    order.forEach((place, i) => fold[images[place]!] = (i + label) % folds);
  }
  return fold;
}

/**
 * Measures features by neighbours and by logistic regression: each fold is classified by what the others
 * teach. The same random stream draws the same folds for all features of the same images.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { crossValidate } from "./cross_validation.ts";
 * await startEngine();
 * const features = Float32Array.of(-3, 1, -2, 1, -1, 1, 1, 1, 2, 1, 3, 1);
 * const images = { features, labels: Int32Array.of(0, 0, 0, 1, 1, 1), width: 2 };
 * const { knn } = await crossValidate(images, randomStream(0), { folds: 3, k: 1 });
 * if (knn !== 100) throw new Error("Two separate classes");
 * ```
 */
export async function crossValidate(
  images: LabelledFeatures,
  random: RandomStream,
  { folds = 4, k = 20 }: CrossValidationOptions = {},
): Promise<CrossValidated> {
  const fold = drawFolds(images.labels, folds, random);
  const places = [...images.labels.keys()];
  const right = { knn: 0, logistic: 0 };
  let count = 0;
  for (let held = 0; held < folds; held++) {
    const train = gatherImages(images, places.filter((place) => fold[place] !== held));
    const test = gatherImages(images, places.filter((place) => fold[place] === held));
    if (test.labels.length === 0) continue;
    count += test.labels.length;
    const share = test.labels.length / 100;
    right.knn += share * (await knn(train, test, { k })).top1;
    right.logistic += share * (await linearProbe(train, test, random.at("penalty", held))).top1;
  }
  return { knn: 100 * right.knn / count, logistic: 100 * right.logistic / count };
}
