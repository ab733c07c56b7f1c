/** Which tokens of its teachers a run keeps: the others are neither stored nor learnt from. */
import * as tf from "@tensorflow/tfjs";
import type { Predictions, TokenType } from "./projectors/ladder.ts";
import { type Grid, supervisedGrid } from "../nn/token_grid.ts";
import type { StudentConfig } from "./student.ts";
import type { Backbone } from "../teachers/backbone.ts";
import { UserError } from "../errors/user_error.ts";
import type { Recipe } from "../recipe/options.ts";

/** The part of a recipe that says it. */
type Choice = Pick<Recipe, "featureCache">;

/** Every how many-th row and column of patches is kept. */
export function patchStrideOf({ featureCache }: Choice): number {
  return typeof featureCache === "boolean" ? 1 : featureCache.patchStride;
}

/** A teacher that has only the kinds of tokens that the recipe keeps; it shares the given one's weights. */
export function keepTokens(teacher: Backbone, { featureCache }: Choice): Backbone {
  if (typeof featureCache === "boolean") return teacher;
  const kept = (token: TokenType) => featureCache.tokens.includes(token);
  const tokens = teacher.tokens.filter(kept);
  if (tokens.length === teacher.tokens.length) return teacher;
  if (tokens.length === 0) {
    throw new UserError(
      `Cannot keep only ${
        featureCache.tokens.join(" and ")
      } of the teacher "${teacher.name}": it ` +
        `has only ${
          teacher.tokens.join(" and ")
        }. Name these in featureCache.tokens, or leave the ` +
        "teacher out",
    );
  }
  return {
    ...teacher,
    tokens,
    features(images) {
      const { cls, patch } = teacher.features(images);
      return {
        ...cls !== undefined && kept("cls") && { cls },
        ...patch !== undefined && kept("patch") && { patch },
      };
    },
  };
}

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
  return tf.gather<tf.Tensor3D>(patch, tf.tensor1d(keptPatches(grid, stride), "int32"), 1);
}

/** What the student predicts, at the places where its teachers' tokens are kept. */
export function pickPredictions(
  predictions: Predictions,
  { ladder: { grid, teachers } }: StudentConfig,
  stride: number,
): Predictions {
  if (stride === 1) return predictions;
  return Object.fromEntries(teachers.map((teacher) => {
    const { patch, ...cls } = predictions[teacher.name] ?? {};
    const compared = supervisedGrid(grid, teacher.grid);
    return [teacher.name, { ...cls, ...patch && { patch: pickPatches(patch, compared, stride) } }];
  }));
}
