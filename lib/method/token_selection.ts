/**
 * The patch tokens that a run keeps of its teachers, an extension of UNIC: the others are neither stored
 * nor learnt from.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Predictions } from "./tokens.ts";
import { type KeptTokens, takeTokens } from "../nn/kept_tokens.ts";
import { type Grid, resampleTokens, supervisedGrid } from "../nn/token_grid.ts";
import type { StudentConfig } from "./student.ts";

/** Places on a grid of the tokens that stay, row by row: the middle of every `stride x stride` of them. */
export function keptPatches(grid: Grid, stride: number): number[] {
  const [rows, columns] = grid.map((size) => {
    const first = Math.min((stride - 1) >> 1, size - 1);
    return Array.from({ length: Math.ceil((size - first) / stride) }, (_, i) => first + i * stride);
  }) as [number[], number[]];
  return rows.flatMap((row) => columns.map((column) => row * grid[1] + column));
}

/** `[batch, tokens of the grid, width]` to `[batch, kept tokens, width]`. */
export function pickPatches(patch: tf.Tensor3D, grid: Grid, stride: number): tf.Tensor3D {
  if (stride === 1) return patch;
  const kept = keptPatches(grid, stride);
  const take = (tokens: tf.Tensor, places: readonly number[]) =>
    tf.gather(tokens, tf.tensor1d([...places], "int32"), 1);
  const pick = tf.customGrad((...inputs) => {
    const [tokens] = inputs as [tf.Tensor3D];
    const [batch, count, width] = tokens.shape;
    // Each token is taken once at most, so its gradient is looked up, which every engine can do:
    // gather's own gradient adds up segments, for which the wasm engine has no kernel.
    const gradFunc = (dy: tf.Tensor) => {
      const nothing = tf.zeros<tf.Rank.R3>([batch, 1, width]);
      const places = Array.from({ length: count }, (_, place) => kept.indexOf(place));
      return take(
        tf.concat([dy, nothing], 1),
        places.map((place) => place < 0 ? kept.length : place),
      );
    };
    return { value: take(tokens, kept), gradFunc };
  });
  return pick(patch) as tf.Tensor3D;
}

/** The student's predictions at the places where its teachers' tokens are kept. */
export function pickPredictions(
  predictions: Predictions,
  { ladder: { grid, teachers } }: StudentConfig,
  stride: number,
): Predictions {
  if (stride === 1) return predictions;
  return Object.fromEntries(teachers.map((teacher) => {
    const { patch, ...cls } = predictions[teacher.name] ?? {};
    const compared = supervisedGrid(grid, teacher.grid);
    // A teacher without patches has no such entry: every entry is a prediction.
    return [teacher.name, { ...cls, ...patch && { patch: pickPatches(patch, compared, stride) } }];
  }));
}

/**
 * The targets of a step in which the student sees smaller images, or only some patches. On smaller images
 * they are averaged down to the grid of these. Of patches, those of the student's grid are taken at the kept
 * places, those of a coarser one as they are.
 *
 * @param targets On the grids where teachers are compared with the student at its own size.
 * @param kept Default: all patches.
 */
export function takeTargets(
  targets: Predictions,
  { ladder: { grid, ownGrid = grid, teachers } }: StudentConfig,
  kept?: KeptTokens,
): Predictions {
  const isSmaller = `${grid}` !== `${ownGrid}`;
  if (kept === undefined && !isSmaller) return targets;
  return Object.fromEntries(teachers.map((teacher) => {
    const { patch, ...cls } = targets[teacher.name] ?? {};
    // A teacher without patches has no such entry: every entry is a target.
    if (patch === undefined) return [teacher.name, cls];
    const compared = supervisedGrid(grid, teacher.grid);
    const seen = isSmaller
      ? resampleTokens(patch, supervisedGrid(ownGrid, teacher.grid), compared)
      : patch;
    const isMasked = kept !== undefined && `${compared}` === `${grid}`;
    return [teacher.name, { ...cls, patch: isMasked ? takeTokens(seen, kept) : seen }];
  }));
}
