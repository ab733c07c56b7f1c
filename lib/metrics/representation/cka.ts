/** Similarity of two models' features of the same images: centred kernel alignment. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import { centred, type FeatureMatrix } from "../feature_matrix.ts";

/**
 * Measures the linear CKA of two models on the same images: 1 where one's features are the other's, turned and
 * scaled. Debiased by default, so that unrelated features give about 0, and may fall a little below it;
 * without that, few images of wide features look alike whatever they are.
 *
 * @param first `[images, width]`, at least four images.
 * @param second the other model's, in the same order of images; widths may differ.
 * @param options debiased: default true.
 * @returns NaN where all features of one model are equal.
 * @throws {UserError} where there are fewer than four images, their numbers differ, or a feature is not
 * finite.
 * @source Kornblith et al., "Similarity of neural network representations revisited" (2019); debiased:
 * Song et al., "Feature selection via dependence maximization" (2012), equation 5.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { linearCka } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const first = { features: Float32Array.of(1, 0, 0, 1, 2, 1, 4, 3), width: 2 };
 * const doubled = { ...first, features: first.features.map((value) => 2 * value) };
 * if (Math.abs(await linearCka(first, doubled) - 1) > 1e-5) throw new Error("Only scaled");
 * ```
 */
export async function linearCka(
  first: FeatureMatrix,
  second: FeatureMatrix,
  options: { readonly debiased?: boolean | undefined } = {},
): Promise<number> {
  const { debiased = true } = options;
  const images = first.features.length / first.width;
  checkPair(first, second, images);
  const [x, y] = [centred(first), centred(second)];
  const independence = debiased ? debiasedHsic : squaredProduct;
  const [xy, xx, yy] = [
    await independence(x, y),
    await independence(x, x),
    await independence(y, y),
  ];
  return xy / Math.sqrt(xx * yy);
}

/** Squared Frobenius norm of `xᵀ y`: the sum over pairs of images of the product of both kernels. */
async function squaredProduct(x: FeatureMatrix, y: FeatureMatrix): Promise<number> {
  const images = x.features.length / x.width;
  const product = tf.tidy(() => {
    const [a, b] = [x, y].map(({ features, width }) => tf.tensor2d(features, [images, width]));
    return tf.matMul(a!, b!, true);
  });
  const values = await product.data<"float32">();
  product.dispose();
  return values.reduce((sum, value) => sum + value * value, 0);
}

/** The estimate of HSIC without bias, from kernels whose diagonals are left out; times a constant. */
async function debiasedHsic(x: FeatureMatrix, y: FeatureMatrix): Promise<number> {
  const images = x.features.length / x.width;
  const [k, l] = [kernelSums(x, images), kernelSums(y, images)];
  let [trace, total] = [await squaredProduct(x, y), 0];
  for (let i = 0; i < images; i++) {
    trace -= k.diagonal[i]! * l.diagonal[i]!;
    total += k.rows[i]! * l.rows[i]!;
  }
  return trace + k.sum * l.sum / ((images - 1) * (images - 2)) - 2 * total / (images - 2);
}

/** Of a linear kernel: its diagonal, and the sums of its rows and of all of it without that. */
function kernelSums({ features, width }: FeatureMatrix, images: number) {
  const total = new Float64Array(width);
  features.forEach((value, i) => total[i % width]! += value);
  const [diagonal, rows] = [new Float64Array(images), new Float64Array(images)];
  features.forEach((value, i) => {
    const row = Math.floor(i / width);
    diagonal[row]! += value * value;
    rows[row]! += value * (total[i % width]! - value);
  });
  return { diagonal, rows, sum: rows.reduce((sum, row) => sum + row, 0) };
}

function checkPair(first: FeatureMatrix, second: FeatureMatrix, images: number): void {
  const others = second.features.length / second.width;
  const finite = [first, second].every(({ features }) => features.every(Number.isFinite));
  if (images === others && Number.isSafeInteger(images) && images >= 4 && finite) return;
  throw new UserError(
    `Cannot compare features: found ${images} and ${others} images` +
      `${
        finite ? "" : ", some with features that are not finite"
      }, expected the same images in both, ` +
      "at least four. Extract both from the same set.",
  );
}
