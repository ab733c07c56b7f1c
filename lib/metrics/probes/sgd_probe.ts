/** The linear probe for large sets: as {@linkcode linearProbe}, but fitted by small steps over batches. */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { checkFeatures } from "./check_features.ts";
import { countClasses, type LabelledFeatures, percentRight } from "../labelled_features.ts";
import { splitByClass } from "./linear_probe.ts";
import { predictLogistic } from "./logistic.ts";
import type { LogisticModel } from "./logistic_model.ts";
import { unitRows } from "../feature_matrix.ts";

/** Outcome of {@linkcode sgdProbe}. */
export interface SgdProbeResult {
  /** Percentage of test images that were classified rightly. */
  readonly top1: number;
  /** `[images]` */
  readonly predictions: Int32Array;
  /** The learning rate that was chosen. */
  readonly rate: number;
  /** The weight decay that was chosen. */
  readonly decay: number;
  /** The classifier of features as they were fitted: of unit length, unless `normalize` is false. */
  readonly model: LogisticModel;
}

/** Options of {@linkcode sgdProbe}. */
export interface SgdProbeOptions {
  /** Learning rates to choose from. Default 0.1, 1, 10 and 100. */
  readonly rates?: readonly number[] | undefined;
  /** Weight decays to choose from. Default 1e-12, 1e-8, 1e-6 and 1e-4. */
  readonly decays?: readonly number[] | undefined;
  /** Images in a step. Default 1024. */
  readonly batchSize?: number | undefined;
  /** Passes over the training images. Default 100. */
  readonly epochs?: number | undefined;
  /** Whether features are brought to unit length. Default true. */
  readonly normalize?: boolean | undefined;
}

interface Fit {
  readonly classes: number;
  readonly rate: number;
  readonly decay: number;
  readonly batchSize: number;
  readonly epochs: number;
}

/**
 * Measures the accuracy of a linear probe that is fitted by gradient descent with momentum 0.9 and a learning rate
 * that falls to zero along a cosine, once per pass. Rate and decay are chosen on a fifth of the training
 * images, as in {@linkcode linearProbe}, then it is fitted to all of them. Memory does not grow with the
 * number of images, besides the features themselves.
 *
 * @param random draws the fifth and the order of images.
 * @throws {UserError} where the features cannot be used, or no choice of rate and decay stays finite.
 * @source UNIC appendix B and its protocol for large sets; a grid instead of its 40 trials.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { sgdProbe } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const features = Float32Array.of(1, 0, 2, 1, 3, 0, 0, 1, 1, 2, 0, 3);
 * const set = { features, labels: Int32Array.of(0, 0, 0, 1, 1, 1), width: 2 };
 * const { top1 } = await sgdProbe(set, set, randomStream(0), { rates: [1], decays: [1e-6] });
 * if (top1 !== 100) throw new Error("Expected two separate classes");
 * ```
 */
export async function sgdProbe(
  train: LabelledFeatures,
  test: LabelledFeatures,
  random: RandomStream,
  options: SgdProbeOptions = {},
): Promise<SgdProbeResult> {
  checkFeatures(train, test, "fit a linear probe");
  const { batchSize = 1024, epochs = 100, normalize = true } = options;
  const { rates = [0.1, 1, 10, 100], decays = [1e-12, 1e-8, 1e-6, 1e-4] } = options;
  const prepared = (set: LabelledFeatures) => normalize ? { ...set, features: unitRows(set) } : set;
  const [all, queries] = [prepared(train), prepared(test)];
  const classes = countClasses(all);
  const { fit, held } = splitByClass(all, random);

  let best: { rate: number; decay: number; right: number } | undefined;
  for (const rate of rates) {
    for (const decay of decays) {
      const settings = { classes, rate, decay, batchSize, epochs };
      const model = await descend(fit, random.at("order"), settings);
      if (model === undefined) continue;
      const right = percentRight(await predictLogistic(model, held.features, held.width), held);
      if (right > (best?.right ?? -1)) best = { rate, decay, right };
    }
  }
  const model = best &&
    await descend(all, random.at("order"), { classes, batchSize, epochs, ...best });
  if (best === undefined || model === undefined) throw diverged(rates);
  const predictions = await predictLogistic(model, queries.features, queries.width);
  const top1 = percentRight(predictions, queries);
  return { top1, predictions, rate: best.rate, decay: best.decay, model };
}

/** The classifier after all passes; undefined where it did not stay finite. */
async function descend(
  train: LabelledFeatures,
  random: RandomStream,
  { classes, rate, decay, batchSize, epochs }: Fit,
): Promise<LogisticModel | undefined> {
  const { width, labels: { length: images } } = train;
  // Weights and, in the last row, biases; then how they move.
  let weight = tf.zeros<tf.Rank.R2>([width + 1, classes]);
  let speed = tf.zerosLike(weight);
  const decays = tf.tidy(() => tf.concat2d([tf.fill([width, 1], decay), tf.zeros([1, 1])], 0));
  let iterations = 0;
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = random.at(epoch).permutation(images);
      const now = rate * (1 + Math.cos(Math.PI * epoch / epochs)) / 2;
      for (let from = 0; from < images; from += batchSize, iterations++) {
        const batch = gather(train, order.subarray(from, from + batchSize));
        const next = tf.tidy(() => {
          const slope = tf.add(crossEntropySlope(batch, weight), tf.mul(decays, weight));
          const moved = tf.add<tf.Tensor2D>(tf.mul(speed, 0.9), slope);
          return { speed: moved, weight: tf.sub<tf.Tensor2D>(weight, tf.mul(moved, now)) };
        });
        tf.dispose([weight, speed]);
        ({ weight, speed } = next);
      }
    }
    const values = Float64Array.from(await weight.data<"float32">());
    const size = width * classes;
    return values.every(Number.isFinite)
      ? { weight: values.slice(0, size), bias: values.slice(size), iterations }
      : undefined;
  } finally {
    tf.dispose([weight, speed, decays]);
  }
}

/** Features with a column of ones for the bias, `[rows, width + 1]`, and labels of some images. */
function gather({ features, labels, width }: LabelledFeatures, places: Uint32Array) {
  const rows = new Float32Array(places.length * (width + 1)).fill(1);
  places.forEach((place, row) =>
    rows.set(features.subarray(place * width, (place + 1) * width), row * (width + 1))
  );
  return { rows, labels: Int32Array.from(places, (place) => labels[place]!), width: width + 1 };
}

function crossEntropySlope(
  { rows, labels, width }: ReturnType<typeof gather>,
  weight: tf.Tensor2D,
): tf.Tensor2D {
  const count = labels.length;
  const x = tf.tensor2d(rows, [count, width]);
  const targets = tf.oneHot(tf.tensor1d(labels, "int32"), weight.shape[1]);
  const error = tf.sub<tf.Tensor2D>(tf.softmax(tf.matMul(x, weight)), targets);
  return tf.div(tf.matMul(x, error, true), count);
}

function diverged(rates: readonly number[]): UserError {
  return new UserError(
    `Cannot fit a linear probe: with each of the learning rates ${rates.join(", ")} its weights ` +
      "became infinite. Give lower rates, or leave features at unit length.",
  );
}
