/**
 * Grids of patch tokens, and linear maps from one to another.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import type { KeptTokens } from "./kept_tokens.ts";

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
 * @param kept Which tokens of the grid there are, `[batch, kept, width]`: each area is the average of those
 *   that it covers, or of all where it covers none. Default: all of them.
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
export function resampleTokens(
  tokens: tf.Tensor3D,
  from: Grid,
  to: Grid,
  kept?: KeptTokens,
): tf.Tensor3D {
  const count = (kept?.rows ?? tokens).shape[1];
  if (count !== from[0] * from[1]) {
    throw new UserError(
      `Cannot resample ${count} tokens: expected ${from[0]} x ${from[1]}. ` +
        "Give the grid of these tokens",
    );
  }
  if (from[0] === to[0] && from[1] === to[1]) return tokens;
  const rows = areaWeights(from[0], to[0]), columns = areaWeights(from[1], to[1]);
  return kept === undefined
    ? applyToGrid(rows, columns, tokens)
    : averageKept(gridWeights(rows, columns), tokens, kept);
}

/** Averages of kept tokens `[batch, kept, width]`, by weights `[to][tokens of the grid]`. */
function averageKept(
  weights: readonly (readonly number[])[],
  tokens: tf.Tensor3D,
  { places }: KeptTokens,
): tf.Tensor3D {
  const byToken = tf.transpose(tf.tensor2d(weights as number[][]));
  const ofKept = tf.gather(byToken as tf.Tensor, places) as tf.Tensor3D;
  const covered = tf.sum(ofKept, 1, true);
  // Where an area has none, all weigh the same.
  const none = tf.cast(tf.less(covered, 1e-6), "float32");
  const shares = tf.div<tf.Tensor3D>(
    tf.add(ofKept, none),
    tf.add(covered, tf.mul(none, tokens.shape[1])),
  );
  return tf.matMul(shares, tokens, true);
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
  const batch = tokens.shape[0];
  // Repeated for each image: tfjs has no gradient for products that broadcast.
  return tf.matMul(tf.tile(tf.tensor3d([gridWeights(rows, columns)]), [batch, 1, 1]), tokens);
}

/** The Kronecker product of a map of rows and one of columns: a map of the grid's tokens. */
function gridWeights(
  rows: readonly (readonly number[])[],
  columns: readonly (readonly number[])[],
): number[][] {
  return rows.flatMap((row) =>
    columns.map((column) => row.flatMap((a) => column.map((b) => a * b)))
  );
}
