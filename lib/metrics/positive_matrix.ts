/** Inverses of symmetric matrices of positive eigenvalues, in double precision. */
import { choleskyFactor } from "../tensors/cholesky.ts";

/**
 * The inverse `[rows, rows]` of `matrix + penalty I`.
 *
 * @param matrix `[rows, rows]`, symmetric; only its lower triangle is read.
 * @returns undefined where an eigenvalue is not above 0, or a number is not finite
 *
 * @example
 * ```ts
 * import { inverseOfPositive } from "./positive_matrix.ts";
 * const inverse = inverseOfPositive(Float64Array.of(3, 2, 2, 4), 2, 1);
 * if (inverse?.join() !== "0.3125,-0.125,-0.125,0.25") throw new Error("Of 4, 2, 2, 5");
 * ```
 */
export function inverseOfPositive(
  matrix: Float64Array,
  rows: number,
  penalty: number,
): Float64Array | undefined {
  const factor = choleskyFactor(matrix, rows, penalty);
  if (factor === undefined) return undefined;
  // Row by row of the transpose, so that the innermost loops run along memory.
  const triangle = new Float64Array(rows * rows);
  for (let column = 0; column < rows; column++) {
    const at = column * rows;
    triangle[at + column] = 1 / factor[at + column]!;
    for (let row = column + 1; row < rows; row++) {
      let value = 0;
      for (let i = column; i < row; i++) value -= factor[row * rows + i]! * triangle[at + i]!;
      triangle[at + row] = value / factor[row * rows + row]!;
    }
  }
  const inverse = new Float64Array(rows * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column <= row; column++) {
      let value = 0;
      for (let i = row; i < rows; i++) {
        value += triangle[row * rows + i]! * triangle[column * rows + i]!;
      }
      inverse[row * rows + column] = inverse[column * rows + row] = value;
    }
  }
  return inverse;
}
