/** Multinomial logistic regression on frozen features: the linear probe of the paper. */
import * as tf from "@tensorflow/tfjs";
import { countClasses, type LabelledFeatures } from "../labelled_features.ts";
import { checkTwoClasses } from "./check_features.ts";
import type { LinearClassifier, LogisticModel, LogisticOptions } from "./logistic_model.ts";
import { openLogisticProblem } from "./logistic_problem.ts";

/** Rows whose probabilities are held at once: with 1,000 classes, 16 MB. */
const chunkRows = 4096;

/**
 * Fits a classifier: the least mean cross-entropy plus `|weight|² / (2 c images)`, by L-BFGS. Products
 * are computed on the engine in float32, steps on the host in float64.
 *
 * @source UNIC appendix B; the objective is that of scikit-learn's `LogisticRegression`.
 * @throws {RangeError} where features and labels do not match, or a label lies outside the classes
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { fitLogistic } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const train = { features: Float32Array.of(-1, 1), labels: Int32Array.of(0, 1), width: 1 };
 * const { weight } = await fitLogistic(train);
 * if (!(weight[1]! > weight[0]!)) throw new Error("Larger numbers are of class 1");
 * ```
 */
export async function fitLogistic(
  train: LabelledFeatures,
  options: LogisticOptions = {},
): Promise<LogisticModel> {
  const { classes = countClasses(train) } = options;
  checkLabels(train, classes);
  if (classes < 2) checkTwoClasses(train, "fit a classifier");
  const problem = await openLogisticProblem(train, classes);
  try {
    return await problem.fit(options);
  } finally {
    problem.dispose();
  }
}

/**
 * The most likely class of each image by a classifier, `[images]`.
 *
 * @param features `[images, width]`, row-major
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { predictLogistic } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const model = { weight: Float64Array.of(-1, 1), bias: Float64Array.of(0, 0), iterations: 0 };
 * const classes = await predictLogistic(model, Float32Array.of(-3, 5), 1);
 * if (classes.join() !== "0,1") throw new Error("Expected the larger product");
 * ```
 */
export async function predictLogistic(
  model: LinearClassifier,
  features: Float32Array,
  width: number,
): Promise<Int32Array> {
  const predictions = new Int32Array(features.length / width);
  const top1 = (logits: tf.Tensor2D) => tf.argMax(logits, 1);
  for await (const { from, values } of mapLogits(model, features, width, top1)) {
    predictions.set(values, from);
  }
  return predictions;
}

/**
 * The probability of each class of each image by a classifier, `[images, classes]`, row-major.
 *
 * @param features `[images, width]`, row-major
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { logisticProbabilities } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const model = { weight: Float64Array.of(-1, 1), bias: Float64Array.of(0, 0), iterations: 0 };
 * const [first, second] = await logisticProbabilities(model, Float32Array.of(0), 1);
 * if (first !== 0.5 || second !== 0.5) throw new Error("Nothing speaks for either class");
 * ```
 */
export async function logisticProbabilities(
  model: LinearClassifier,
  features: Float32Array,
  width: number,
): Promise<Float32Array> {
  const classes = model.bias.length;
  const probabilities = new Float32Array(features.length / width * classes);
  const softmax = (logits: tf.Tensor2D) => tf.softmax(logits);
  for await (const { from, values } of mapLogits(model, features, width, softmax)) {
    probabilities.set(values, from * classes);
  }
  return probabilities;
}

/** Applies `map` to the logits `[rows, classes]` of chunks of images; `from` is the first of a chunk. */
async function* mapLogits(
  model: LinearClassifier,
  features: Float32Array,
  width: number,
  map: (logits: tf.Tensor2D) => tf.Tensor,
): AsyncGenerator<{ from: number; values: Float32Array | Int32Array | Uint8Array }> {
  const images = features.length / width;
  const classes = model.bias.length;
  const weight = tf.tensor2d(Float32Array.from(model.weight), [width, classes]);
  const bias = tf.tensor1d(Float32Array.from(model.bias));
  try {
    for (let from = 0; from < images; from += chunkRows) {
      const rows = Math.min(chunkRows, images - from);
      const mapped = tf.tidy(() => {
        const part = features.subarray(from * width, (from + rows) * width);
        return map(tf.add(tf.matMul(tf.tensor2d(part, [rows, width]), weight), bias));
      });
      const values = await mapped.data();
      mapped.dispose();
      yield { from, values };
    }
  } finally {
    tf.dispose([weight, bias]);
  }
}

/** Refuses labels outside the classes, and features that do not fit the labels. */
function checkLabels({ features, labels, width }: LabelledFeatures, classes: number): void {
  const outside = labels.find((label) => !(label >= 0 && label < classes));
  if (labels.length > 0 && features.length === labels.length * width && outside === undefined) {
    return;
  }
  throw new RangeError(
    `Cannot fit a classifier: found ${features.length} numbers and ${labels.length} labels` +
      `${
        outside === undefined ? "" : ` with the label ${outside}`
      }, expected at least one label, ` +
      `from 0 to ${classes - 1}, and ${width} numbers for each`,
  );
}
