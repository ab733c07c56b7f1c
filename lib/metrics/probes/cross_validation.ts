/** Accuracy of frozen features by cross-validation, from the images to learn from alone. */
import type { RandomStream } from "../../tensors/random.ts";
import {
  countClasses,
  gatherImages,
  type LabelledFeatures,
  percentRight,
  placesByClass,
} from "../labelled_features.ts";
import type { FeatureMatrix } from "../feature_matrix.ts";
import { knn } from "./knn.ts";
import { fitLogistic, predictLogistic } from "./logistic.ts";
import type { LogisticModel } from "./logistic_model.ts";

/** Options of {@linkcode crossValidate}. */
export interface CrossValidationOptions {
  /** Parts that the images fall into, each of which is held out once. Default: 3. */
  readonly folds?: number | undefined;
  /** Neighbours of the k-NN vote. Default: 20. */
  readonly k?: number | undefined;
}

/** Inverse penalties of the regression for rows of unit length, from strong to weak; the best one counts. */
const penalties = [1, 10, 100] as const;

/** Steps of each fit, which begins where the one before ended: enough to rank features. */
const maximumIterations = 60;

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
 * teach. It is cheaper than {@linkcode linearProbe}: rows are scaled to a mean length of 1, and the best of three
 * penalties counts. The same random stream draws the same folds for all features of the same images.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { crossValidate } from "./cross_validation.ts";
 * await startEngine();
 * const features = Float32Array.of(-3, 1, -2, 1, -1, 1, 1, 1, 2, 1, 3, 1);
 * const images = { features, labels: Int32Array.of(0, 0, 0, 1, 1, 1), width: 2 };
 * const { knn, logistic } = await crossValidate(images, randomStream(0), { folds: 3, k: 1 });
 * if (knn !== 100 || logistic !== 100) throw new Error("Two separate classes");
 * ```
 */
export async function crossValidate(
  images: LabelledFeatures,
  random: RandomStream,
  { folds = 3, k = 20 }: CrossValidationOptions = {},
): Promise<CrossValidated> {
  const fold = drawFolds(images.labels, folds, random);
  const places = [...images.labels.keys()];
  const scaled = { ...images, ...ofMeanLengthOne(images) }, classes = countClasses(images);
  const right = { knn: 0, logistic: penalties.map(() => 0) };
  let count = 0;
  for (let held = 0; held < folds; held++) {
    const train = gatherImages(scaled, places.filter((place) => fold[place] !== held));
    const test = gatherImages(scaled, places.filter((place) => fold[place] === held));
    if (test.labels.length === 0) continue;
    count += test.labels.length;
    const share = test.labels.length / 100;
    right.knn += share * (await knn(train, test, { k })).top1;
    let start: LogisticModel | undefined;
    for (const [i, c] of penalties.entries()) {
      start = await fitLogistic(train, { classes, c, maximumIterations, start });
      const predictions = await predictLogistic(start, test.features, test.width);
      right.logistic[i]! += share * percentRight(predictions, test);
    }
  }
  return { knn: 100 * right.knn / count, logistic: 100 * Math.max(...right.logistic) / count };
}

/** Features divided by the root of the mean square of their lengths. */
function ofMeanLengthOne({ features, width }: FeatureMatrix): FeatureMatrix {
  const squares = features.reduce((sum, value) => sum + value * value, 0);
  const length = Math.sqrt(squares * width / features.length) || 1;
  return { features: features.map((value) => value / length), width };
}
