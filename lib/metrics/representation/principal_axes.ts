/** The directions in which features vary, and features seen along them. */
import * as tf from "@tensorflow/tfjs";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { UserError } from "../../errors/user_error.ts";
import { centred, type FeatureMatrix, featureMean, shifted } from "../feature_matrix.ts";
import { smallerProduct } from "../smaller_product.ts";

/** Variances below this part of the largest are rounding of single precision. */
const resolution = 1e-6;

/** Outcome of {@linkcode principalAxes}. */
export interface PrincipalAxes {
  /** `[min(width, images)]`, variances along all axes (over images - 1), largest first. */
  readonly variances: Float64Array;
  /** `[count, width]`, row by row: the first axes, of unit length, along which features do vary. */
  readonly axes: Float32Array;
  /** Axes in `axes`. */
  readonly count: number;
  /** `[width]`, of the images that the axes were found on. */
  readonly mean: Float64Array;
}

/**
 * Finds the principal axes of features. Takes time with the third power of the smaller of width and number of
 * images: a second at 384, about ten at 768.
 *
 * @param features `[images, width]`, at least two images.
 * @throws {UserError} where there are fewer than two images, a feature is not finite, or all images have
 * the same features.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { principalAxes } from "./principal_axes.ts";
 * await startEngine();
 * const features = Float32Array.of(0, 0, 3, 4, 6, 8);
 * const { axes, count } = await principalAxes({ features, width: 2 });
 * if (count !== 1 || Math.abs(Math.abs(axes[0]!) - 0.6) > 1e-5) throw new Error("One line");
 * ```
 */
export async function principalAxes(features: FeatureMatrix): Promise<PrincipalAxes> {
  const { width } = features;
  const images = features.features.length / width;
  const finite = features.features.every(Number.isFinite);
  if (!(Number.isSafeInteger(images) && images >= 2 && finite)) {
    throw refusal(images, width, finite ? "" : ", some not finite");
  }
  const x = centred(features);
  const size = Math.min(images, width);
  // The eigenvalues of `xᵀ x` and `x xᵀ` other than zero are the same: the smaller one is taken apart.
  const scatter = await smallerProduct(x);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, scatter),
    { assumeSymmetric: true },
  );
  const order = [...realEigenvalues.keys()].sort((a, b) =>
    realEigenvalues[b]! - realEigenvalues[a]!
  );
  // Rounding may make a variance of zero a little negative.
  const variances = Float64Array.from(
    order,
    (place) => Math.max(0, realEigenvalues[place]!) / (images - 1),
  );
  if (!(variances[0]! > 0)) throw refusal(images, width, ", all images alike");
  const count = variances.filter((variance) => variance > resolution * variances[0]!).length;
  const vectors = Float32Array.from(
    order.slice(0, count).flatMap((place) => eigenvectorMatrix.getColumn(place)),
  );
  const axes = images >= width ? vectors : await throughImages(vectors, x, count);
  return { variances, axes, count, mean: featureMean(features) };
}

/** Axes `[count, width]` from eigenvectors `[count, images]` of `x xᵀ`, at unit length. */
async function throughImages(
  vectors: Float32Array,
  x: FeatureMatrix,
  count: number,
): Promise<Float32Array> {
  const { width } = x, images = x.features.length / width;
  const result = tf.tidy(() => {
    const rows = tf.matMul(
      tf.tensor2d(vectors, [count, images]),
      tf.tensor2d(x.features, [images, width]),
    );
    return tf.div(rows, tf.norm(rows, 2, 1, true));
  });
  const axes = await result.data<"float32">();
  result.dispose();
  return axes;
}

/**
 * Turns features along principal axes, `[images, axes.count]`, after the mean of the images that the axes
 * were found on is subtracted.
 *
 * @param features of the same network, of any images.
 * @throws {RangeError} where the width is another.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { alongAxes, principalAxes } from "./principal_axes.ts";
 * await startEngine();
 * const axes = await principalAxes({ features: Float32Array.of(0, 0, 3, 4, 6, 8), width: 2 });
 * const { features } = await alongAxes({ features: Float32Array.of(3, 4), width: 2 }, axes);
 * if (Math.abs(features[0]!) > 1e-5) throw new Error("That is the mean");
 * ```
 */
export async function alongAxes(
  features: FeatureMatrix,
  { axes, count, mean }: PrincipalAxes,
): Promise<FeatureMatrix> {
  const { width } = features;
  if (width !== mean.length) {
    throw new RangeError(`Cannot turn features of width ${width}: the axes have ${mean.length}`);
  }
  const rows = shifted(features, mean).features;
  const result = tf.tidy(() =>
    tf.matMul(
      tf.tensor2d(rows, [rows.length / width, width]),
      tf.tensor2d(axes, [count, width]),
      false,
      true,
    )
  );
  const turned = await result.data<"float32">();
  result.dispose();
  return { features: turned, width: count };
}

function refusal(images: number, width: number, found: string): UserError {
  return new UserError(
    `Cannot find the principal axes of features: found ${images} images of ${width} numbers${found}, ` +
      "expected at least two that differ. Extract the features of more images.",
  );
}
