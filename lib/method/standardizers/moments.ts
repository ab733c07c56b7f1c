/** Mean and spread of a batch, which may be merged from its parts (UNIC section 3.3). */
import * as tf from "@tensorflow/tfjs";
import type { TokenType } from "../tokens.ts";
import {
  mapEveryToken,
  standardizerEpsilon,
  type Statistics,
  statisticsOf,
  type Targets,
  type TokenStatistics,
} from "./statistics.ts";

/** Moments of a batch by teacher and token type; those of its parts may be merged. */
export type Moments = {
  readonly [teacher: string]: { readonly cls?: TokenMoments; readonly patch?: TokenMoments };
};

/** Moments of one teacher's tokens of one type. */
export type TokenMoments = {
  /** Rows. */
  readonly count: tf.Scalar;
  /** Of each feature, `[teacherWidth]`. */
  readonly mean: tf.Tensor1D;
  /** Sum of squared distances from that mean, `[teacherWidth]`. */
  readonly squares: tf.Tensor1D;
};

/**
 * The moments of a batch, in two passes: its mean, then distances from it. Nothing cancels, however
 * far the features lie from zero or from the running statistics.
 *
 * @source Chan, Golub and LeVeque, "Algorithms for computing the sample variance" (1983), the corrected
 * two-pass algorithm.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { batchMoments } from "./moments.ts";
 * await startEngine();
 * const { a } = batchMoments({ a: { cls: tf.tensor2d([[1000], [1002]]) } });
 * if ((await a!.cls!.squares.data())[0] !== 2) throw new Error("Expected 1 + 1, from the mean");
 * ```
 */
export function batchMoments(targets: Targets): Moments {
  return mapEveryToken<tf.Tensor, TokenMoments>(targets, (features) => {
    const rows = tf.reshape<tf.Rank.R2>(features, [-1, features.shape.at(-1)!]);
    const count = tf.scalar(rows.shape[0]);
    const rough = tf.mean<tf.Tensor1D>(rows, 0);
    const distances = tf.sub<tf.Tensor2D>(rows, rough);
    // What rounding left in the mean is small beside the distances, so it can be taken out of both.
    const missing = tf.mean<tf.Tensor1D>(distances, 0);
    return {
      count,
      mean: tf.add(rough, missing),
      squares: tf.maximum(
        tf.sub(tf.sum<tf.Tensor1D>(tf.square(distances), 0), tf.mul(count, tf.square(missing))),
        0,
      ),
    };
  });
}

/**
 * The moments of two parts of a batch together.
 *
 * @source Chan, Golub and LeVeque (1983), equation 2.1.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { batchMoments, mergeMoments } from "./moments.ts";
 * await startEngine();
 * const [first, second] = [[[1], [3]], [[5], [7]]].map((rows) =>
 *   batchMoments({ a: { cls: tf.tensor2d(rows) } })
 * );
 * const { a } = mergeMoments(first!, second!);
 * if ((await a!.cls!.mean.data())[0] !== 4) throw new Error("Expected the mean of all four");
 * ```
 */
export function mergeMoments(first: Moments, second: Moments): Moments {
  return Object.fromEntries(
    Object.entries(first).map(([name, tokens]) => [
      name,
      Object.fromEntries(
        Object.entries(tokens).map(([token, moments]) => {
          const others = second[name]?.[token as TokenType];
          return [token, others === undefined ? moments : mergeToken(moments, others)];
        }),
      ),
    ]),
  );
}

function mergeToken(first: TokenMoments, second: TokenMoments): TokenMoments {
  const count = tf.add<tf.Scalar>(first.count, second.count);
  const apart = tf.sub<tf.Tensor1D>(second.mean, first.mean);
  const share = tf.div<tf.Scalar>(second.count, count);
  return {
    count,
    mean: tf.add(first.mean, tf.mul(apart, share)),
    squares: tf.add(
      tf.add(first.squares, second.squares),
      tf.mul(tf.square(apart), tf.mul(first.count, share)),
    ),
  };
}

/**
 * Mean of a batch, and its unbiased deviation plus 1e-6.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { statisticsOfMoments } from "./moments.ts";
 * await startEngine();
 * const moments = { count: tf.scalar(3), mean: tf.tensor1d([5]), squares: tf.tensor1d([8]) };
 * const { a } = statisticsOfMoments({ a: { cls: moments } });
 * if (Math.abs((await a!.cls!.std.data())[0]! - 2) > 1e-5) throw new Error("Expected √(8 / 2)");
 * ```
 */
export function statisticsOfMoments(moments: Moments): Statistics {
  return mapEveryToken<TokenMoments, TokenStatistics>(moments, ({ count, mean, squares }) => {
    const deviation = tf.sqrt(tf.div<tf.Tensor1D>(squares, tf.sub(count, 1)));
    return { mean, std: tf.add<tf.Tensor1D>(deviation, standardizerEpsilon) };
  });
}

/**
 * The weighted mean of running statistics and those of a batch.
 *
 * @param weight Of the batch, 0 to 1.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { blendStatistics } from "./moments.ts";
 * await startEngine();
 * const [old, batch] = [1, 2].map((mean) => (
 *   { a: { cls: { mean: tf.tensor1d([mean]), std: tf.tensor1d([1]) } } }
 * ));
 * const { a } = blendStatistics(old!, batch!, tf.scalar(0.5));
 * if ((await a!.cls!.mean.data())[0] !== 1.5) throw new Error("Expected half of each");
 * ```
 */
export function blendStatistics(
  statistics: Statistics,
  batch: Statistics,
  weight: tf.Scalar,
): Statistics {
  const rest = tf.sub(1, weight);
  const blend = (old: tf.Tensor1D, newest: tf.Tensor1D) =>
    tf.add<tf.Tensor1D>(tf.mul(old, rest), tf.mul(newest, weight));
  const updated = Object.entries(batch).map(([name, tokens]) => {
    const blended = Object.entries(tokens).map(([token, { mean, std }]) => {
      const old = statisticsOf(statistics, name, token as TokenType);
      return [token, { mean: blend(old.mean, mean), std: blend(old.std, std) }];
    });
    return [name, { ...statistics[name], ...Object.fromEntries(blended) }] as const;
  });
  return { ...statistics, ...Object.fromEntries(updated) };
}
