/** The tokens that student and teachers exchange: their types, shapes and predictions (UNIC section 3.1). */
import type * as tf from "@tensorflow/tfjs";
import type { Grid } from "../nn/token_grid.ts";

/** The types of tokens, in the order of reports. */
export const tokenTypes = ["cls", "patch"] as const;

/** One global token per picture, or one per patch. */
export type TokenType = typeof tokenTypes[number];

/** Shape of a teacher's features, which projectors predict. */
export interface TeacherShape {
  /** Without dots, since it becomes part of parameter names. */
  readonly name: string;
  /** Width of what is predicted of it: of its features, or of their first principal axes. */
  readonly width: number;
  /** Width of its own features, where only principal axes of them are predicted. Default: `width`. */
  readonly featureWidth?: number;
  /** The types of tokens that it has, at least one. */
  readonly tokens: readonly TokenType[];
  /** The teacher's own grid of patches. */
  readonly grid: Grid;
}

/** A prediction (or a target) for each teacher and token type that it has. */
export type Predictions = {
  readonly [teacher: string]: {
    /** `[batch, teacherWidth]` */
    readonly cls?: tf.Tensor2D;
    /** `[batch, supervised patches, teacherWidth]` */
    readonly patch?: tf.Tensor3D;
  };
};
