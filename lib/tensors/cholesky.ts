/** Systems of equations with a symmetric positive matrix, in double precision on the host. */

/**
 * The lower triangle `[rows, rows]` whose product with its transpose is `matrix + penalty I`; undefined where
 * that is not positive, or no finite number.
 *
 * @param matrix `[rows, rows]`, row-major; only its lower triangle is read.
 *
 * @example
 * ```ts
 * import { choleskyFactor } from "./cholesky.ts";
 * const factor = choleskyFactor(Float64Array.of(4, 2, 2, 10), 2, 0);
 * if (factor?.join() !== "2,0,1,3") throw new Error("2 x 2, 1 x 2 and 1 + 3 x 3");
 * ```
 */
export function choleskyFactor(
  matrix: Float64Array,
  rows: number,
  penalty: number,
): Float64Array | undefined {
  const factor = new Float64Array(rows * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column <= row; column++) {
      let value = matrix[row * rows + column]! + (row === column ? penalty : 0);
      const [a, b] = [row * rows, column * rows];
      for (let i = 0; i < column; i++) value -= factor[a + i]! * factor[b + i]!;
      if (row > column) factor[a + column] = value / factor[b + column]!;
      else if (value > 0) factor[a + row] = Math.sqrt(value);
      else return undefined;
    }
  }
  return factor;
}

/**
 * Solves `matrix x = right` for several columns at once.
 *
 * @param factor `[rows, rows]` of {@linkcode choleskyFactor}.
 * @param right `[rows, columns]`; the solution takes its place.
 *
 * @example
 * ```ts
 * import { choleskyFactor, solveInPlace } from "./cholesky.ts";
 * const right = Float64Array.of(8, 4);
 * solveInPlace(choleskyFactor(Float64Array.of(4, 0, 0, 1), 2, 0)!, right, 2);
 * if (right.join() !== "2,4") throw new Error("8 / 4 and 4 / 1");
 * ```
 */
export function solveInPlace(factor: Float64Array, right: Float64Array, rows: number): void {
  const columns = right.length / rows;
  const subtract = (to: number, from: number, by: number) => {
    const [a, b] = [to * columns, from * columns];
    for (let column = 0; column < columns; column++) right[a + column]! -= by * right[b + column]!;
  };
  const divide = (row: number) => {
    const by = factor[row * rows + row]!;
    for (let at = row * columns; at < (row + 1) * columns; at++) right[at]! /= by;
  };
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < row; i++) subtract(row, i, factor[row * rows + i]!);
    divide(row);
  }
  for (let row = rows - 1; row >= 0; row--) {
    divide(row);
    for (let i = 0; i < row; i++) subtract(i, row, factor[row * rows + i]!);
  }
}
