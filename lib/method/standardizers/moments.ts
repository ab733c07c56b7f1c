/** Statistics from sums over a batch, which may be added up from its parts (UNIC section 3.3). */
import * as tf from "@tensorflow/tfjs";
import type { TokenType } from "../tokens.ts";
import {
  mapTokens,
  standardizerEpsilon,
  type Statistics,
  statisticsOf,
  type Targets,
} from "./statistics.ts";

/**
 * Sums over the rows of a batch, measured from the running mean so that they do not cancel. Sums of
 * several parts of a batch, added, are the sums of the whole.
 */
export type Moments = {
  readonly [teacher: string]: { readonly cls?: TokenMoments; readonly patch?: TokenMoments };
};

/** Rows, and the sum and the sum of squares of each feature, `[teacherWidth]`. */
export type TokenMoments = {
  readonly count: tf.Scalar;
  readonly sum: tf.Tensor1D;
  readonly squares: tf.Tensor1D;
};

/**
 * The sums from which {@linkcode applyMoments} computes new statistics; those of parts of a batch may be
 * added first.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { batchMoments } from "./moments.ts";
 * await startEngine();
 * const statistics = { a: { cls: { mean: tf.tensor1d([1]), std: tf.tensor1d([1]) } } };
 * const { a } = batchMoments({ a: { cls: tf.tensor2d([[1], [3]]) } }, statistics);
 * if ((await a!.cls!.sum.data())[0] !== 2) throw new Error("Expected 0 + 2, from the mean");
 * ```
 */
export function batchMoments(targets: Targets, statistics: Statistics): Moments {
  return mapTokens(targets, statistics, (x, { mean }): TokenMoments => {
    const rows = tf.reshape<tf.Rank.R2>(x, [-1, mean.shape[0]]);
    const centred = tf.sub(rows, mean);
    return {
      count: tf.scalar(rows.shape[0]),
      sum: tf.sum(centred, 0),
      squares: tf.sum(tf.square(centred), 0),
    };
  }) as Moments;
}

/**
 * Statistics after a batch of which only the sums are known.
 *
 * @param moments Of the whole batch, measured from the mean in `statistics`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { applyMoments } from "./moments.ts";
 * await startEngine();
 * const statistics = { a: { cls: { mean: tf.tensor1d([1]), std: tf.tensor1d([1]) } } };
 * const sums = { count: tf.scalar(2), sum: tf.tensor1d([2]), squares: tf.tensor1d([4]) };
 * const after = applyMoments(statistics, { a: { cls: sums } }, tf.scalar(1));
 * if ((await after.a!.cls!.mean.data())[0] !== 2) throw new Error("Expected 1 + 2 / 2");
 * ```
 */
export function applyMoments(
  statistics: Statistics,
  moments: Moments,
  weight: tf.Scalar,
): Statistics {
  const rest = tf.sub(1, weight);
  const blend = (old: tf.Tensor1D, batch: tf.Tensor1D) =>
    tf.add<tf.Tensor1D>(tf.mul(old, rest), tf.mul(batch, weight));
  const updated = Object.entries(moments).map(([name, tokens]) => {
    const blended = Object.entries(tokens).map(([token, { count, sum, squares }]) => {
      const { mean, std } = statisticsOf(statistics, name, token as TokenType);
      const shift = tf.div<tf.Tensor1D>(sum, count);
      const spread = tf.maximum(tf.sub(squares, tf.mul(sum, shift)), 0);
      const deviation = tf.sqrt(tf.div<tf.Tensor1D>(spread, tf.sub(count, 1)));
      const batchStd = tf.add<tf.Tensor1D>(deviation, standardizerEpsilon);
      return [token, { mean: blend(mean, tf.add(mean, shift)), std: blend(std, batchStd) }];
    });
    return [name, Object.fromEntries(blended)] as const;
  });
  return { ...statistics, ...Object.fromEntries(updated) };
}
