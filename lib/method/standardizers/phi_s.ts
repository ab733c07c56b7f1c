/**
 * PHI-S: an invertible standardisation that turns features until every axis has the same variance, then
 * divides by one number.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { hadamard } from "./hadamard.ts";
import type { LinearParameters } from "../../nn/linear.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { standardizerEpsilon, type TokenStatistics } from "./statistics.ts";

/**
 * The rotation and the one deviation for features of a covariance: its principal axes, mixed evenly by a
 * Hadamard matrix. Where there is none of that width, by a random rotation, which makes the variances
 * similar but not equal.
 *
 * @param covariance `[width, width]`, row-major, symmetric.
 * @param random Draws the random rotation.
 * @returns `rotation [width, width]`, to be multiplied from the right, and `std`.
 * @source Ranzinger et al., PHI-S: Distribution Balancing for Label-Free Multi-Teacher Distillation, 2024.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { phiRotation } from "./phi_s.ts";
 * const { std } = phiRotation(Float64Array.of(9, 0, 0, 1), 2, randomStream(0));
 * if (Math.abs(std - Math.sqrt(5)) > 1e-9) throw new Error("Expected the root of the mean variance");
 * ```
 */
export function phiRotation(
  covariance: Float64Array,
  width: number,
  random: RandomStream,
): { readonly rotation: Float32Array; readonly std: number } {
  const matrix = Matrix.from1DArray(width, width, covariance);
  const axes = new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).eigenvectorMatrix;
  let trace = 0;
  for (let i = 0; i < width; i++) trace += covariance[i * width + i]!;
  return {
    rotation: Float32Array.from(axes.mmul(evenMixing(width, random)).to1DArray()),
    std: Math.sqrt(Math.max(trace, 0) / width),
  };
}

/**
 * An orthogonal matrix that mixes axes, to be multiplied from the right: evenly by a Hadamard matrix, or
 * at random where there is none of that width.
 */
export function evenMixing(width: number, random: RandomStream): Matrix {
  const even = hadamard(width);
  const mixing = even
    ? Matrix.from1DArray(width, width, even).div(Math.sqrt(width))
    : randomRotation(width, random);
  return mixing.transpose();
}

/** Gram-Schmidt on normal numbers, twice for accuracy. */
function randomRotation(width: number, random: RandomStream): Matrix {
  const rows = Array.from(
    { length: width },
    (_, i) => Float64Array.from(random.at("rotation", i).normal(width)),
  );
  for (const [i, row] of rows.entries()) {
    for (let pass = 0; pass < 2; pass++) {
      for (const former of rows.slice(0, i)) {
        const along = former.reduce((sum, value, j) => sum + value * row[j]!, 0);
        former.forEach((value, j) => row[j]! -= along * value);
      }
    }
    const length = Math.hypot(...row);
    row.forEach((value, j) => row[j] = value / length);
  }
  return new Matrix(rows.map((row) => [...row]));
}

/**
 * A linear layer that predicts features on the teacher's own scale, from one that predicts standardised
 * ones: the standardisation of any kind folded into it.
 *
 * @param layer `weight [hidden, width]`, `bias [width]`; left as it is.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { foldStandardizer } from "@hashigo/hashigo/method";
 * await startEngine();
 * const layer = { weight: tf.tensor2d([[1]]), bias: tf.tensor1d([0]) };
 * const { bias } = foldStandardizer(layer, { mean: tf.tensor1d([3]), std: tf.tensor1d([2]) });
 * if ((await bias.data())[0] !== 3) throw new Error("Expected the teacher's mean");
 * ```
 */
export function foldStandardizer(
  { weight, bias }: LinearParameters,
  { mean, std, rotation, axes }: TokenStatistics,
): LinearParameters {
  return tf.tidy(() => {
    const scale = tf.add(std, standardizerEpsilon);
    const turned = (rows: tf.Tensor2D): tf.Tensor2D => {
      const whole = axes === undefined ? rows : tf.matMul(rows, axes, false, true);
      const scaled = tf.mul<tf.Tensor2D>(whole, scale);
      return rotation === undefined ? scaled : tf.matMul(scaled, rotation, false, true);
    };
    return {
      weight: turned(weight),
      bias: tf.add<tf.Tensor1D>(tf.reshape(turned(tf.expandDims(bias, 0)), [-1]), mean),
    };
  });
}
