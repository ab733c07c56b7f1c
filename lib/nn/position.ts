/**
 * Position embeddings at other sizes than that of training, by bicubic interpolation.
 *
 * @source Keys, Cubic convolution interpolation for digital image processing, 1981; PyTorch's
 *   `interpolate` with `mode="bicubic"`, with and without `antialias`.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { averagingTaps, cubic } from "../tensors/cubic_convolution.ts";
import { applyToGrid, type Grid } from "./token_grid.ts";

/** How positions are interpolated: bicubically, over a scale of `(to + offset) / from`. */
export interface PositionRule {
  /** 0.1 in DINO, DINOv2 without registers and the reference's student; 0 elsewhere. */
  readonly offset: number;
  /** Whether a smaller grid averages, as DINOv2 with registers, timm and OpenCLIP do. */
  readonly antialias: boolean;
}

/** The interpolation of DINO and of the reference's student. */
export const referencePositions: PositionRule = { offset: 0.1, antialias: false };

/**
 * Interpolates a position embedding to another grid, as PyTorch's bicubic mode does. Equal grids
 * are left untouched, and so is the row of CLS.
 *
 * @param position `[1 + rows * columns, width]`, CLS first, or `[rows * columns, width]`.
 * @param rule Default {@linkcode referencePositions}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { resamplePositions } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const larger = resamplePositions(tf.ones([1 + 4, 8]), [2, 2], [3, 3]);
 * if (larger.shape[0] !== 1 + 9) throw new Error("Expected CLS and nine positions");
 * ```
 */
export function resamplePositions(
  position: tf.Tensor2D,
  from: Grid,
  to: Grid,
  rule: PositionRule = referencePositions,
): tf.Tensor2D {
  if (from[0] === to[0] && from[1] === to[1]) return position;
  const [rows, width] = position.shape, tokens = from[0] * from[1], first = rows - tokens;
  const patches = tf.slice(position, [first, 0], [tokens, width]);
  const weights = (axis: 0 | 1) => {
    const scale = (to[axis] + rule.offset) / from[axis];
    return rule.antialias
      ? averagingWeights(from[axis], to[axis], scale)
      : cubicWeights(from[axis], to[axis], scale);
  };
  const resampled = tf.reshape<tf.Rank.R2>(
    applyToGrid(weights(0), weights(1), tf.reshape(patches, [1, tokens, width])),
    [to[0] * to[1], width],
  );
  if (first === 0) return resampled;
  return tf.concat2d([tf.slice(position, [0, 0], [first, width]), resampled], 0);
}

/** Weights `[to][from]` of cubic convolution (a = -0.75), the edge repeated outwards. */
function cubicWeights(from: number, to: number, scale: number): number[][] {
  return Array.from({ length: to }, (_, row) => {
    const weights = new Array<number>(from).fill(0);
    const centre = (row + 0.5) / scale - 0.5;
    for (let i = Math.floor(centre) - 1; i <= Math.floor(centre) + 2; i++) {
      const inside = Math.min(Math.max(i, 0), from - 1);
      weights[inside] = weights[inside]! + cubic(centre - i, -0.75);
    }
    return weights;
  });
}

/**
 * The same with a = -0.5, widened where the grid shrinks and cut off at the edge, as PyTorch does.
 */
function averagingWeights(from: number, to: number, scale: number): number[][] {
  return Array.from({ length: to }, (_, row) => {
    const { first, weights } = averagingTaps((row + 0.5) / scale, 1 / scale, from);
    return Array.from({ length: from }, (_, i) => weights[i - first] ?? 0);
  });
}
