/** Ridge regression of one-hot labels in its dual form: a linear classifier whose solution is exact. */
import { choleskyFactor, solveInPlace } from "../../tensors/cholesky.ts";
import { UserError } from "../../errors/user_error.ts";

/**
 * Weights `[rows, classes]` of the train rows, by which products with them sum to the score of each class: the
 * solution of `(products + penalty I) weights = one-hot labels`.
 *
 * @param products `[rows, rows]`, dot products of the train rows; a constant added to all stands for a bias.
 * @param labels `[rows]`
 * @param penalty Above 0.
 * @throws {UserError} Where a product is not finite, so that there is no solution.
 * @source Saunders, Gammerman and Vovk, "Ridge regression learning algorithm in dual variables" (1998).
 *
 * @example
 * ```ts
 * import { fitRidge } from "./ridge.ts";
 * // Rows -1 and 1 of the classes 0 and 1, penalty 1: (2 + 1) w0 - w1 = 1 and -w0 + (2 + 1) w1 = 0, without bias.
 * const weights = fitRidge(Float64Array.of(2, -1, -1, 2), Int32Array.of(0, 1), { classes: 2, penalty: 1 });
 * if (Math.abs(weights[0]! - 3 / 8) > 1e-12) throw new Error("3 / (9 - 1)");
 * ```
 */
export function fitRidge(
  products: Float64Array,
  labels: Int32Array,
  { classes, penalty }: { readonly classes: number; readonly penalty: number },
): Float64Array {
  const rows = labels.length;
  const factor = choleskyFactor(products, rows, penalty);
  if (factor === undefined) {
    throw new UserError(
      `Cannot fit a linear classifier: found products of ${rows} rows that are no finite numbers. ` +
        "The features may not be finite: train or fetch the network again.",
    );
  }
  const weights = new Float64Array(rows * classes);
  labels.forEach((label, row) => weights[row * classes + label] = 1);
  solveInPlace(factor, weights, rows);
  return weights;
}

/**
 * The class of the highest score of each row, `[rows]`; the lowest of equals.
 *
 * @param products `[rows, train rows]`, with the same constant added as to those of the train rows.
 * @param weights From {@linkcode fitRidge}.
 */
export function predictRidge(
  products: Float64Array,
  weights: Float64Array,
  classes: number,
): Int32Array {
  const train = weights.length / classes;
  return Int32Array.from({ length: products.length / train }, (_, row) => {
    const scores = new Float64Array(classes);
    for (let i = 0; i < train; i++) {
      const product = products[row * train + i]!;
      for (let label = 0; label < classes; label++) {
        scores[label]! += product * weights[i * classes + label]!;
      }
    }
    return scores.indexOf(Math.max(...scores));
  });
}
