/** How well the features of some models predict those of others: ridge regression on held-out images. */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../tensors/random.ts";
import { centred, type FeatureMatrix } from "../feature_matrix.ts";
import { inverseOfPositive } from "../positive_matrix.ts";
import { metricRefusal } from "../refusal.ts";
import { meanOf } from "../mean_of.ts";

/** Options of {@linkcode predictability}. */
export interface PredictabilityOptions {
  /** Share of the images that is held out. Default: a third. */
  readonly heldOut?: number | undefined;
  /**
   * Penalties of the regression that are tried, for features whose mean square over the images is 1; the one of
   * the least leave-one-out error on the images to learn from counts. Default: 30, 3, 0.3, 0.03 and 0.003.
   */
  readonly penalties?: readonly number[] | undefined;
}

/** What a set of models says of all models. */
export interface Prediction {
  /** `[models]`, R² of each model's features from those of the set, on held-out images; 1 of its members. */
  readonly r2: readonly number[];
  /** Mean of `r2`: how well the set represents all models. */
  readonly representativeness: number;
  /** `[held-out images]`: what each adds to the representativeness, which is their mean. */
  readonly scores: Float64Array;
  /** The penalty that was chosen; NaN of all models, or of none. */
  readonly penalty: number;
}

/** Asks for the prediction of all models' features from those of a set of models. */
export interface Predictability {
  /** Number of images to learn from. */
  readonly learnt: number;
  /** Number of held-out images. */
  readonly heldOut: number;
  /** @param members Places of the models of the set; of none all R² are 0. */
  from(members: readonly number[]): Promise<Prediction>;
}

/** Fewer images than this tell nothing. */
const fewestImages = 12;

/**
 * Prepares the prediction of models' features from each other's. One Gram matrix of the images for each model
 * serves all sets: that of a set is their mean. Features are centred by the images to learn from, each model's
 * scaled to a mean square of 1, so that wide models count no more than narrow ones.
 *
 * @param models `[images, width]` each, of the same images in the same order; widths may differ.
 * @param random draws the held-out images.
 * @throws {UserError} where there is no model, there are fewer than twelve images or different numbers of them,
 * a feature is not finite, or a model has the same features for all images.
 * @source Hoerl and Kennard, "Ridge regression" (1970); leave-one-out errors: Allen, "The relationship between
 * variable selection and data augmentation and a method for prediction" (1974).
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { predictability } from "./predictability.ts";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const whole = { features: randomStream(1).normal(60 * 2), width: 2 };
 * const half = { features: whole.features.filter((_, i) => i % 2 === 0), width: 1 };
 * const { from } = await predictability([whole, half], randomStream(0));
 * const [byWhole, byHalf] = [await from([0]), await from([1])];
 * if (byWhole.r2[1]! < 0.99 || byHalf.r2[0]! > 0.7) throw new Error("The whole says all of its half");
 * ```
 */
export async function predictability(
  models: readonly FeatureMatrix[],
  random: RandomStream,
  { heldOut = 1 / 3, penalties = [30, 3, 0.3, 0.03, 0.003] }: PredictabilityOptions = {},
): Promise<Predictability> {
  const images = countImages(models);
  const order = random.at("held out").permutation(images);
  const held = order.slice(0, Math.max(1, Math.round(images * heldOut)));
  const learnt = order.slice(held.length);
  const parts: Parts[] = [];
  for (const model of models) parts.push(await partsOf(model, learnt, held));
  return {
    ...{ learnt: learnt.length, heldOut: held.length },
    from: (members) => predict(parts, [...new Set(members)], penalties),
  };
}

/** One model's products of images, centred by the images to learn from and scaled. */
interface Parts {
  /** `[learnt, learnt]` */
  readonly learnt: Float64Array;
  /** `[held, learnt]` */
  readonly across: Float64Array;
  /** `[held]`, of each held-out image with itself. */
  readonly held: Float64Array;
}

async function partsOf(
  model: FeatureMatrix,
  learnt: Uint32Array,
  held: Uint32Array,
): Promise<Parts> {
  const images = learnt.length + held.length, products = await productsOf(model, images);
  const meanOfImage = (image: number) =>
    learnt.reduce((sum, other) => sum + products[image * images + other]!, 0) / learnt.length;
  const means = Float64Array.from({ length: images }, (_, image) => meanOfImage(image));
  const middle = learnt.reduce((sum, image) => sum + means[image]!, 0) / learnt.length;
  const product = (a: number, b: number) =>
    products[a * images + b]! - means[a]! - means[b]! + middle;
  const scale = learnt.reduce((sum, image) => sum + product(image, image), 0) / learnt.length;
  if (!(scale > 1e-12)) {
    throw metricRefusal(
      "predict features",
      `found a model that has the same features for all ${images} images`,
      "Leave it out, or take images that differ",
    );
  }
  const block = (rows: Uint32Array) => {
    const values = new Float64Array(rows.length * learnt.length);
    rows.forEach((row, i) =>
      learnt.forEach((column, j) => values[i * learnt.length + j] = product(row, column) / scale)
    );
    return values;
  };
  return {
    learnt: block(learnt),
    across: block(held),
    held: Float64Array.from(held, (image) => product(image, image) / scale),
  };
}

/** Products of all rows, `[images, images]`; without the mean, which would cost digits. */
async function productsOf(model: FeatureMatrix, images: number): Promise<Float32Array> {
  const product = tf.tidy(() => {
    const rows = tf.tensor2d(centred(model).features, [images, model.width]);
    return tf.matMul(rows, rows, false, true);
  });
  const values = await product.data<"float32">();
  product.dispose();
  return values;
}

async function predict(
  parts: readonly Parts[],
  members: readonly number[],
  penalties: readonly number[],
): Promise<Prediction> {
  const others = [...parts.keys()].filter((place) => !members.includes(place));
  const heldOut = parts[0]!.held.length;
  const scores = new Float64Array(heldOut).fill(members.length / parts.length);
  const r2 = parts.map((_, place): number => others.includes(place) ? 0 : 1);
  if (others.length === 0 || members.length === 0) {
    return { r2, representativeness: members.length / parts.length, scores, penalty: NaN };
  }
  const known = meanMatrix(members.map((place) => parts[place]!.learnt));
  const asked = meanMatrix(members.map((place) => parts[place]!.across));
  const wanted = meanMatrix(others.map((place) => parts[place]!.learnt));
  const { inverse, penalty } = await bestInverse(known, wanted, penalties);
  const learnt = Math.sqrt(known.length);
  const weights = await multiply(asked, inverse, learnt);
  for (const place of others) {
    const { learnt: own, across, held } = parts[place]!;
    const weighted = await multiply(weights, own, learnt);
    const total = held.reduce((sum, square) => sum + square, 0) / heldOut;
    for (let image = 0; image < heldOut; image++) {
      let error = held[image]!;
      for (let i = image * learnt; i < (image + 1) * learnt; i++) {
        error += weights[i]! * (weighted[i]! - 2 * across[i]!);
      }
      const explained = 1 - error / total;
      r2[place]! += explained / heldOut;
      scores[image]! += explained / parts.length;
    }
  }
  const representativeness = meanOf(r2);
  return { r2, representativeness, scores, penalty };
}

/**
 * The inverse of `known + penalty I` of the least leave-one-out error. What is left of an image by all others
 * is its row of `inverse × features` over the diagonal of the inverse.
 */
async function bestInverse(
  known: Float64Array,
  wanted: Float64Array,
  penalties: readonly number[],
): Promise<{ readonly inverse: Float64Array; readonly penalty: number }> {
  const rows = Math.sqrt(known.length);
  let best: { inverse: Float64Array; penalty: number; error: number } | undefined;
  for (const penalty of penalties) {
    const inverse = inverseOfPositive(known, rows, penalty);
    if (inverse === undefined) continue;
    const product = await multiply(inverse, wanted, rows);
    let error = 0;
    for (let row = 0; row < rows; row++) {
      let square = 0;
      for (let i = row * rows; i < (row + 1) * rows; i++) square += product[i]! * inverse[i]!;
      error += square / inverse[row * rows + row]! ** 2;
    }
    if (best === undefined || error < best.error) best = { inverse, penalty, error };
  }
  if (best !== undefined) return best;
  throw metricRefusal(
    "predict features",
    `found no solution for the penalties ${
      penalties.join(", ")
    }, expected one above 0 that is enough`,
    "Take larger penalties",
  );
}

/** `[rows, inner] × [inner, columns]` of square right factors, in single precision. */
async function multiply(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  inner: number,
): Promise<Float32Array> {
  const product = tf.tidy(() =>
    tf.matMul(
      tf.tensor2d(Float32Array.from(left), [left.length / inner, inner]),
      tf.tensor2d(Float32Array.from(right), [inner, inner]),
    )
  );
  const values = await product.data<"float32">();
  product.dispose();
  return values;
}

function meanMatrix(matrices: readonly Float64Array[]): Float64Array {
  return matrices[0]!.map((_, i) =>
    matrices.reduce((sum, matrix) => sum + matrix[i]!, 0) / matrices.length
  );
}

function countImages(models: readonly FeatureMatrix[]): number {
  const counts = models.map(({ features, width }) => features.length / width);
  const [images = 0] = counts;
  const finite = models.every(({ features }) => features.every(Number.isFinite));
  const same = counts.every((count) => count === images);
  if (same && Number.isSafeInteger(images) && images >= fewestImages && finite) return images;
  throw metricRefusal(
    "predict features",
    `found ${models.length} models with features of ${[...new Set(counts)].join(" and ")} images` +
      `${
        finite ? "" : ", some not finite"
      }, expected the same images of all, at least ${fewestImages}`,
    "Extract the features of all models from one set of images",
  );
}
