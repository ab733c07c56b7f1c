/**
 * Grids of patch tokens, and linear maps from one to another.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";

/** Rows and columns of an image's patch tokens, which are stored row by row. */
export type Grid = readonly [rows: number, columns: number];

/**
 * The grid on which a teacher supervises a student: the coarser of the two along each axis, so that
 * nothing is supervised twice and no target is invented.
 *
 * @example
 * ```ts
 * import { supervisedGrid } from "@hashigo/hashigo/nn";
 * if (supervisedGrid([8, 8], [4, 16]).join() !== "4,8") throw new Error("Expected the minimum");
 * ```
 */
export function supervisedGrid(student: Grid, teacher: Grid): Grid {
  return [Math.min(student[0], teacher[0]), Math.min(student[1], teacher[1])];
}

/**
 * Resamples tokens `[batch, rows * columns, width]` to another grid, each the average of the area
 * that it covers, as one product. Equal grids are left untouched.
 *
 * @throws {UserError} Where the tokens do not fill the grid.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { resampleTokens } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const pooled = resampleTokens(tf.tensor3d([[[1], [2], [3], [6]]]), [2, 2], [1, 1]);
 * if ((await pooled.data())[0] !== 3) throw new Error("Expected the mean");
 * ```
 */
export function resampleTokens(tokens: tf.Tensor3D, from: Grid, to: Grid): tf.Tensor3D {
  if (tokens.shape[1] !== from[0] * from[1]) {
    throw new UserError(
      `Cannot resample ${tokens.shape[1]} tokens: expected ${from[0]} x ${from[1]}. ` +
        "Give the grid of these tokens",
    );
  }
  if (from[0] === to[0] && from[1] === to[1]) return tokens;
  return applyToGrid(areaWeights(from[0], to[0]), areaWeights(from[1], to[1]), tokens);
}

/** Weights `[to][from]` of averaging along one axis by overlap. */
function areaWeights(from: number, to: number): number[][] {
  return Array.from({ length: to }, (_, row) =>
    Array.from({ length: from }, (_, column) => {
      const end = Math.min((row + 1) * from, (column + 1) * to);
      const start = Math.max(row * from, column * to);
      return Math.max(0, end - start) / from;
    }));
}

/**
 * Applies a linear map of rows, `[to][from]`, and one of columns to the tokens of a grid,
 * `[batch, tokens, width]`, as one product with the two maps' Kronecker product.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { applyToGrid } from "./token_grid.ts";
 * await startEngine();
 * const swapped = applyToGrid([[1]], [[0, 1], [1, 0]], tf.tensor3d([[[5], [7]]]));
 * if ((await swapped.data()).join() !== "7,5") throw new Error("Expected swapped columns");
 * ```
 */
export function applyToGrid(
  rows: readonly (readonly number[])[],
  columns: readonly (readonly number[])[],
  tokens: tf.Tensor3D,
): tf.Tensor3D {
  const weights = rows.flatMap((row) =>
    columns.map((column) => row.flatMap((a) => column.map((b) => a * b)))
  );
  const batch = tokens.shape[0];
  // Repeated for each image: tfjs has no gradient for products that broadcast.
  return tf.matMul(tf.tile(tf.tensor3d([weights]), [batch, 1, 1]), tokens);
}
