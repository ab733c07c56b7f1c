import * as tf from "@tensorflow/tfjs";
import { applyToGrid, type Grid } from "./token_grid.ts";

/**
 * A position embedding `[1 + rows * columns, width]`, CLS first, for another grid: bicubic, without
 * antialiasing, over a scale of (to + 0.1) / from, as the reference does. Equal grids are left
 * untouched.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { resamplePositions, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const larger = resamplePositions(tf.ones([1 + 4, 8]), [2, 2], [3, 3]);
 * if (larger.shape[0] !== 1 + 9) throw new Error("Expected CLS and nine positions");
 * ```
 */
export function resamplePositions(position: tf.Tensor2D, from: Grid, to: Grid): tf.Tensor2D {
  if (from[0] === to[0] && from[1] === to[1]) return position;
  const width = position.shape[1], tokens = from[0] * from[1];
  const cls = tf.slice(position, [0, 0], [1, width]);
  const patches = tf.slice(position, [1, 0], [tokens, width]);
  const resampled = applyToGrid(
    cubicWeights(from[0], to[0]),
    cubicWeights(from[1], to[1]),
    tf.reshape(patches, [1, tokens, width]),
  );
  return tf.concat2d([cls, tf.reshape(resampled, [to[0] * to[1], width])], 0);
}

/** Weights `[to][from]` of cubic convolution (a = -0.75), the edge repeated outwards. */
function cubicWeights(from: number, to: number): number[][] {
  const scale = (to + 0.1) / from;
  return Array.from({ length: to }, (_, row) => {
    const weights = new Array<number>(from).fill(0);
    const centre = (row + 0.5) / scale - 0.5;
    for (let i = Math.floor(centre) - 1; i <= Math.floor(centre) + 2; i++) {
      const inside = Math.min(Math.max(i, 0), from - 1);
      weights[inside] = weights[inside]! + cubic(Math.abs(centre - i));
    }
    return weights;
  });
}

function cubic(x: number): number {
  const a = -0.75;
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}
