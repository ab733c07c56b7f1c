/** The few directions in which features vary most. */
import * as tf from "@tensorflow/tfjs";
import { EigenvalueDecomposition, Matrix, QrDecomposition } from "ml-matrix";
import { randomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { centred, type FeatureMatrix } from "../feature_matrix.ts";

/** Outcome of {@linkcode principalComponents}. */
export interface PrincipalComponents {
  /** `[rows, count]`, row-major: each row of the features along the components, largest variance first. */
  readonly projected: Float32Array;
  /** `[count]`, share of all variance that each component holds. */
  readonly shares: Float64Array;
}

/** Directions that are carried along beside the first `count`: they make these settle sooner. */
const spare = 8;
/** Rounds at most: equal variances have no order to settle into. */
const maximumRounds = 200;

/**
 * Projects features onto their first principal components. Signs are set so that the largest entry of
 * each component's direction (the first of equals) is positive, so the same features always give the
 * same numbers. By subspace iteration: at width 768 a thousand times less work than all components.
 *
 * @param features `[rows, width]`, at least two rows that differ.
 * @param count components, at most the width and the number of rows.
 * @throws {UserError} where there are fewer rows or features than components, a feature is not finite,
 * or all rows are the same.
 * @source Halko, Martinsson and Tropp, "Finding structure with randomness" (2011), algorithm 4.4.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { principalComponents } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const features = Float32Array.of(0, 0, 3, 4, 6, 8);
 * const { projected } = await principalComponents({ features, width: 2 }, 1);
 * if (Math.abs(projected[2]! - 5) > 1e-4) throw new Error("Five along the line");
 * ```
 */
export async function principalComponents(
  features: FeatureMatrix,
  count: number,
): Promise<PrincipalComponents> {
  const { width } = features;
  const rows = features.features.length / width;
  const finite = features.features.every(Number.isFinite);
  if (!(Number.isSafeInteger(rows) && rows >= Math.max(2, count) && width >= count && finite)) {
    throw refusal(rows, width, finite ? "" : ", some not finite");
  }
  const x = centred(features);
  const covariance = await covarianceOf(x, rows);
  const total = covariance.trace();
  if (!(total > 0)) throw refusal(rows, width, ", all alike");
  const { axes, variances } = largestAxes(covariance, count);
  const directions = tf.tensor2d(Float32Array.from(axes.to1DArray()), [width, count]);
  const product = tf.tidy(() => tf.matMul(tf.tensor2d(x.features, [rows, width]), directions));
  const projected = await product.data<"float32">();
  tf.dispose([directions, product]);
  return {
    projected,
    shares: Float64Array.from(variances, (variance) => Math.max(0, variance) / total),
  };
}

async function covarianceOf(x: FeatureMatrix, rows: number): Promise<Matrix> {
  const product = tf.tidy(() => {
    const tensor = tf.tensor2d(x.features, [rows, x.width]);
    return tf.div(tf.matMul(tensor, tensor, true), rows);
  });
  const values = await product.data<"float32">();
  product.dispose();
  return Matrix.from1DArray(x.width, x.width, values);
}

/** `axes [width, count]` of unit length, by falling variance. */
function largestAxes(covariance: Matrix, count: number) {
  const width = covariance.rows;
  const carried = Math.min(width, count + spare);
  // Where it begins does not matter to where it ends, only that no direction is missing.
  const random = randomStream(0).at("principal components").normal(width * carried);
  let basis = Matrix.from1DArray(width, carried, random);
  let [axes, variances] = [basis, new Array<number>(count).fill(0)];
  for (let round = 0; round < maximumRounds; round++) {
    basis = new QrDecomposition(covariance.mmul(basis)).orthogonalMatrix;
    const within = basis.transpose().mmul(covariance.mmul(basis));
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(within, {
      assumeSymmetric: true,
    });
    const order = realEigenvalues.map((_, i) => i)
      .sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!).slice(0, count);
    const next = basis.mmul(eigenvectorMatrix.subMatrixColumn(order));
    const turned = 1 - Math.min(...order.map((_, i) => Math.abs(dotOfColumns(next, axes, i))));
    [axes, variances] = [next, order.map((i) => realEigenvalues[i]!)];
    if (round > 0 && turned < 1e-10) break;
  }
  for (let i = 0; i < count; i++) {
    const column = axes.getColumn(i);
    const largest = column.reduce((a, b) => Math.abs(b) > Math.abs(a) + 1e-6 ? b : a);
    if (largest < 0) axes.mulColumn(i, -1);
  }
  return { axes, variances };
}

function dotOfColumns(a: Matrix, b: Matrix, column: number): number {
  const other = b.getColumn(column);
  return a.getColumn(column).reduce((sum, value, i) => sum + value * other[i]!, 0);
}

function refusal(rows: number, width: number, found: string): UserError {
  return new UserError(
    `Cannot find the principal components of features: found ${rows} rows of ${width} numbers` +
      `${found}, expected as many rows and numbers as components, and rows that differ. Give more ` +
      "images, or another model.",
  );
}
