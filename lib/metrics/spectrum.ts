/** In how many directions features vary. */
import * as tf from "@tensorflow/tfjs";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { UserError } from "../user_error.ts";
import { centred, type FeatureMatrix } from "./feature_matrix.ts";

/** Outcome of {@linkcode featureSpectrum}. */
export interface FeatureSpectrum {
  /** `[min(width, images)]`, variances along the principal axes (over images - 1), largest first. */
  readonly variances: Float64Array;
  /** As many, the share of all variance that the first 1, 2, … axes hold. */
  readonly shares: Float64Array;
  /**
   * Exponential of the entropy of the standard deviations along the axes, from 1 (one direction) to the
   * width (all alike).
   */
  readonly effectiveRank: number;
}

/**
 * Principal axes of features. Takes time with the third power of the smaller of width and number of
 * images: a second at 384, about ten at 768.
 *
 * @param features `[images, width]`, at least two images.
 * @throws {UserError} where there are fewer than two images, a feature is not finite, or all images have
 * the same features.
 * @source Roy and Vetterli, "The effective rank" (2007), of centred features.
 *
 * @example
 * ```ts
 * import { featureSpectrum, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const features = Float32Array.of(0, 0, 1, 2, 2, 4, 3, 6);
 * const { shares, effectiveRank } = await featureSpectrum({ features, width: 2 });
 * if (shares[0]! < 0.999 || effectiveRank > 1.01) throw new Error("All lie on a line");
 * ```
 */
export async function featureSpectrum(features: FeatureMatrix): Promise<FeatureSpectrum> {
  const { width } = features;
  const images = features.features.length / width;
  const finite = features.features.every(Number.isFinite);
  if (!(Number.isSafeInteger(images) && images >= 2 && finite)) {
    throw refusal(images, width, finite ? "" : ", some not finite");
  }
  const size = Math.min(images, width);
  const scatter = await smallerProduct(centred(features), images);
  const { realEigenvalues } = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, scatter),
    { assumeSymmetric: true },
  );
  // Rounding may make a variance of zero a little negative.
  const variances = Float64Array.from(realEigenvalues, (one) => Math.max(0, one) / (images - 1))
    .sort().reverse();
  const total = variances.reduce((sum, one) => sum + one, 0);
  if (!(total > 0)) throw refusal(images, width, ", all images alike");
  let held = 0;
  const shares = variances.map((one) => (held += one) / total);
  return { variances, shares, effectiveRank: effectiveRank(variances) };
}

/** `xᵀ x` or `x xᵀ`, whichever is smaller: their eigenvalues other than zero are the same. */
async function smallerProduct(x: FeatureMatrix, images: number): Promise<Float32Array> {
  const product = tf.tidy(() => {
    const tensor = tf.tensor2d(x.features, [images, x.width]);
    return images < x.width
      ? tf.matMul(tensor, tensor, false, true)
      : tf.matMul(tensor, tensor, true);
  });
  const values = await product.data<"float32">();
  product.dispose();
  return values;
}

function effectiveRank(variances: Float64Array): number {
  const deviations = variances.map(Math.sqrt);
  const total = deviations.reduce((sum, one) => sum + one, 0);
  const entropy = deviations.reduce((sum, one) => {
    const share = one / total;
    return share > 0 ? sum - share * Math.log(share) : sum;
  }, 0);
  return Math.exp(entropy);
}

function refusal(images: number, width: number, found: string): UserError {
  return new UserError(
    `Cannot find the principal axes of features: found ${images} images of ${width} numbers${found}, ` +
      "expected at least two that differ. Extract the features of more images.",
  );
}
