/** Classification of frozen features by the nearest mean of a class. */
import { checkFeatures } from "./check_features.ts";
import { type LabelledFeatures, percentRight, placesByClass } from "../labelled_features.ts";
import { groupMeans, nearestMeans } from "./nearest_mean.ts";
import { unitRows } from "../feature_matrix.ts";

/** Outcome of {@linkcode classMean}. */
export interface ClassMeanResult {
  /** Percentage of test images whose own class has the nearest mean. */
  readonly top1: number;
  /** `[images]`, the class of the nearest mean. */
  readonly predictions: Int32Array;
}

/**
 * Classifies each test image by the class whose mean is most similar to it. Features are of unit length
 * before they are averaged, similarity is the cosine; of equals the lowest class wins.
 *
 * @param train features `[images, width]`, at least two classes.
 * @param test features of the same width, of classes that occur in train.
 * @throws {UserError} where the features cannot be used: see the message.
 * @source Mensink et al., "Distance-based image classification: generalizing to new classes at
 * near-zero cost" (2013), with the cosine.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { classMean } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const train = { features: Float32Array.of(1, 0, 0, 1), labels: Int32Array.of(0, 1), width: 2 };
 * const test = { features: Float32Array.of(0.2, 9), labels: Int32Array.of(1), width: 2 };
 * const { top1 } = await classMean(train, test);
 * if (top1 !== 100) throw new Error("It points the way of class 1");
 * ```
 */
export async function classMean(
  train: LabelledFeatures,
  test: LabelledFeatures,
): Promise<ClassMeanResult> {
  checkFeatures(train, test, "classify by class means");
  const classes = placesByClass(train.labels);
  const unit = unitRows(train);
  const means = groupMeans(unit, train.width, classes.map(([, places]) => places));
  const [nearest = new Int32Array()] = await nearestMeans(test, [means]);
  const predictions = nearest.map((group) => classes[group]![0]);
  return { top1: percentRight(predictions, test), predictions };
}
