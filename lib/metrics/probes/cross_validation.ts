/** Accuracy of frozen features by cross-validation, from the images to learn from alone. */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../tensors/random.ts";
import {
  countClasses,
  gatherImages,
  type LabelledFeatures,
  placesByClass,
} from "../labelled_features.ts";
import type { FeatureMatrix } from "../feature_matrix.ts";
import { knn } from "./knn.ts";
import { fitRidge, predictRidge } from "./ridge.ts";

/** Options of {@linkcode crossValidate}. */
export interface CrossValidationOptions {
  /** Parts that the images fall into, each of which is held out once. Default: 3. */
  readonly folds?: number | undefined;
  /** Neighbours of the k-NN vote. Default: 20. */
  readonly k?: number | undefined;
}

/** Penalties of the regression for rows of unit length, from strong to weak; the best one counts. */
const penalties = [3, 0.3, 0.03] as const;

/** Outcome of {@linkcode crossValidate}, in percent of all images that were held out once. */
export interface CrossValidated {
  /** Accuracy of the votes of neighbours. */
  readonly knn: number;
  /** Accuracy of a linear classifier. */
  readonly linear: number;
  /**
   * `[images]`, in order: 1 where the votes, or the linear classifier, are right, else 0; NaN of an image that is
   * alone in its class.
   */
  readonly scores: { readonly knn: Float64Array; readonly linear: Float64Array };
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
 * Measures features by neighbours and by a linear classifier: each fold is classified by what the others teach.
 * The classifier is ridge regression of the labels, which ranks features as logistic regression does and takes a
 * moment; rows are scaled to a mean length of 1, and the best of three penalties counts. The same random stream
 * draws the same folds for all features of the same images.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { crossValidate } from "./cross_validation.ts";
 * await startEngine();
 * const features = Float32Array.of(-3, 1, -2, 1, -1, 1, 1, 1, 2, 1, 3, 1);
 * const images = { features, labels: Int32Array.of(0, 0, 0, 1, 1, 1), width: 2 };
 * const { knn, linear } = await crossValidate(images, randomStream(0), { folds: 3, k: 1 });
 * if (knn !== 100 || linear !== 100) throw new Error("Two separate classes");
 * ```
 */
export async function crossValidate(
  images: LabelledFeatures,
  random: RandomStream,
  { folds = 3, k = 20 }: CrossValidationOptions = {},
): Promise<CrossValidated> {
  const fold = drawFolds(images.labels, folds, random);
  const places = [...images.labels.keys()];
  const products = await productsOf(ofMeanLengthOne(images)), classes = countClasses(images);
  const unknown = () => new Float64Array(images.labels.length).fill(NaN);
  const right = { knn: unknown(), linear: penalties.map(unknown) };
  const note = (scores: Float64Array, measured: readonly number[], predictions: Int32Array) =>
    measured.forEach((place, i) => scores[place] = Number(predictions[i] === images.labels[place]));
  for (let held = 0; held < folds; held++) {
    const [learnt, measured] = [
      places.filter((place) => fold[place] !== held),
      places.filter((place) => fold[place] === held),
    ];
    if (measured.length === 0) continue;
    const [train, test] = [gatherImages(images, learnt), gatherImages(images, measured)];
    note(right.knn, measured, (await knn(train, test, { k })).predictions);
    const [known, asked] = [gather(products, learnt, learnt), gather(products, measured, learnt)];
    for (const [i, penalty] of penalties.entries()) {
      const weights = fitRidge(known, train.labels, { classes, penalty });
      note(right.linear[i]!, measured, predictRidge(asked, weights, classes));
    }
  }
  const accuracies = right.linear.map(percentOf);
  const best = accuracies.indexOf(Math.max(...accuracies));
  return {
    knn: percentOf(right.knn),
    linear: accuracies[best]!,
    scores: { knn: right.knn, linear: right.linear[best]! },
  };
}

/** Mean of the scores that there are, in percent. */
function percentOf(scores: Float64Array): number {
  const measured = scores.filter((score) => !Number.isNaN(score));
  return 100 * measured.reduce((sum, score) => sum + score, 0) / measured.length;
}

/** Features divided by the root of the mean square of their lengths. */
function ofMeanLengthOne({ features, width }: FeatureMatrix): FeatureMatrix {
  const squares = features.reduce((sum, value) => sum + value * value, 0);
  const length = Math.sqrt(squares * width / features.length) || 1;
  return { features: features.map((value) => value / length), width };
}

/** Products of all rows, `[rows][rows]`, with 1 added for a bias. */
async function productsOf({ features, width }: FeatureMatrix): Promise<Float32Array[]> {
  const rows = features.length / width;
  const product = tf.tidy(() => {
    const matrix = tf.tensor2d(features, [rows, width]);
    return tf.add(tf.matMul(matrix, matrix, false, true), 1);
  });
  const values = await product.data<"float32">();
  product.dispose();
  return Array.from({ length: rows }, (_, row) => values.subarray(row * rows, (row + 1) * rows));
}

/** `[rows, columns]`, row-major. */
function gather(
  products: readonly Float32Array[],
  rows: readonly number[],
  columns: readonly number[],
): Float64Array {
  const gathered = new Float64Array(rows.length * columns.length);
  rows.forEach((row, i) =>
    columns.forEach((column, j) => gathered[i * columns.length + j] = products[row]![column]!)
  );
  return gathered;
}
