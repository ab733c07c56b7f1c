/** The directions in which features vary most, closely enough to precondition a solver with. */
import * as tf from "@tensorflow/tfjs";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { randomStream } from "../../tensors/random.ts";
import { addMultiple, dot } from "./vectors.ts";

/** Outcome of {@linkcode leadingAxes}. */
export interface LeadingAxes {
  /** `[axes, width]`, orthonormal rows; fewer than `count` where the features vary in fewer directions. */
  readonly axes: Float64Array[];
  /** `[axes]`, mean squares of the features along them, not negative. */
  readonly variances: Float64Array;
}

/**
 * Finds the axes of the largest variances by subspace iteration from a fixed random start: exact where there
 * are as many axes as the features have dimensions, close otherwise.
 *
 * @param chunks features less their mean, `[rows, width]` each; they stay the caller's.
 * @param options count: axes at most. Default 64. rounds: products with the covariance. Default 4.
 * @source Halko, Martinsson and Tropp, "Finding structure with randomness" (2011), algorithm 4.4.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { leadingAxes } from "./leading_axes.ts";
 * await startEngine();
 * const { variances } = await leadingAxes([tf.tensor2d([[3, 0], [-3, 0], [0, 1], [0, -1]])]);
 * if (Math.abs(Math.max(...variances) - 18 / 4) > 1e-5) throw new Error("3, -3, 0, 0");
 * ```
 */
export async function leadingAxes(
  chunks: readonly tf.Tensor2D[],
  options: { readonly count?: number | undefined; readonly rounds?: number | undefined } = {},
): Promise<LeadingAxes> {
  const { count = 64, rounds = 4 } = options;
  const width = chunks[0]?.shape[1] ?? 0;
  const images = chunks.reduce((sum, chunk) => sum + chunk.shape[0], 0);
  const random = randomStream(0).at("principal axes");
  let rows: Float64Array[] = Array.from(
    { length: Math.min(count, width, images) },
    (_, axis) => Float64Array.from(random.at(axis).normal(width)),
  );
  for (let round = 0; round < rounds; round++) {
    rows = orthonormal(await covarianceTimes(chunks, orthonormal(rows), images));
  }
  const products = await covarianceTimes(chunks, rows, images);
  if (rows.length === 0) return { axes: [], variances: new Float64Array() };
  // Within the space that was found, the axes are those of a small matrix.
  const inner = Matrix.zeros(rows.length, rows.length);
  rows.forEach((row, i) => products.forEach((other, j) => inner.set(i, j, dot(row, other))));
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(
    Matrix.add(inner, inner.transpose()).mul(0.5),
    { assumeSymmetric: true },
  );
  const axes = realEigenvalues.map((_, axis) => {
    const sum = new Float64Array(width);
    rows.forEach((row, i) => addMultiple(sum, row, eigenvectorMatrix.get(i, axis)));
    return sum;
  });
  return {
    axes,
    variances: Float64Array.from(realEigenvalues, (variance) => Math.max(0, variance)),
  };
}

/** Mean over the images of `x xᵀ row`, for each row. */
async function covarianceTimes(
  chunks: readonly tf.Tensor2D[],
  rows: readonly Float64Array[],
  images: number,
): Promise<Float64Array[]> {
  if (rows.length === 0) return [];
  const product = tf.tidy(() => {
    const matrix = tf.stack(rows.map((row) => tf.tensor1d(new Float32Array(row)))) as tf.Tensor2D;
    const parts = chunks.map((x) => tf.matMul(tf.matMul(matrix, x, false, true), x));
    return tf.div(tf.addN(parts), images);
  });
  const values = await product.data<"float32">();
  product.dispose();
  const width = values.length / rows.length;
  return rows.map((_, i) => new Float64Array(values.subarray(i * width, (i + 1) * width)));
}

/** Gram-Schmidt, twice for each row; one that the others already span, up to rounding, is left out. */
function orthonormal(rows: readonly Float64Array[]): Float64Array[] {
  const largest = Math.max(0, ...rows.map((row) => Math.sqrt(dot(row, row))));
  const basis: Float64Array[] = [];
  for (const original of rows) {
    const row = original.slice();
    for (let pass = 0; pass < 2; pass++) {
      for (const axis of basis) addMultiple(row, axis, -dot(row, axis));
    }
    const length = Math.sqrt(dot(row, row));
    if (length > 1e-6 * largest) basis.push(row.map((value) => value / length));
  }
  return basis;
}
