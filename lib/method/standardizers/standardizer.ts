import * as tf from "@tensorflow/tfjs";
import type { Predictions, TeacherShape, TokenType } from "../tokens.ts";

/** Added to each batch's deviation, and again in the division (UNIC, reference defaults). */
export const standardizerEpsilon = 1e-6;

/**
 * How the features of different teachers are made comparable:
 *
 * - `"ema"` (default): each feature by running statistics, from before the batch (paper section 3.3);
 * - `"batch"`: each feature by the batch's own statistics; running ones are kept for use after training;
 * - `"fixed"`: each feature by statistics of some batches before the first step;
 * - `"global"`: the same with one deviation for all features of a teacher's tokens;
 * - `"phi_s"`: the same after a rotation that gives every axis the same variance, so that nothing but
 *   scale and direction is lost (PHI-S).
 */
export type StandardizerKind = "ema" | "batch" | "fixed" | "global" | "phi_s";

/** Mean and deviation of every feature of a teacher's tokens, `[teacherWidth]` each. */
export type TokenStatistics = {
  readonly mean: tf.Tensor1D;
  readonly std: tf.Tensor1D;
  /** `[teacherWidth, teacherWidth]`, orthogonal: centred features are multiplied with it first. */
  readonly rotation?: tf.Tensor2D;
};

/** Running statistics for each teacher and token type that it has. */
export type Statistics = {
  readonly [teacher: string]: { readonly cls?: TokenStatistics; readonly patch?: TokenStatistics };
};

/** Features of the teachers, shaped as the student's predictions of them. */
export type Targets = Predictions;

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
 * Statistics before the first batch: mean 0, deviation 1.
 *
 * @example
 * ```ts
 * import { initStatistics, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const teacher = { name: "a", width: 5, tokens: ["cls"] as const, grid: [1, 1] as const };
 * if (initStatistics([teacher]).a?.cls?.mean.size !== 5) throw new Error("Expected five features");
 * ```
 */
export function initStatistics(teachers: readonly TeacherShape[]): Statistics {
  const fresh = ({ width, tokens }: TeacherShape) =>
    Object.fromEntries(
      tokens.map((token) => [
        token,
        { mean: tf.zeros<tf.Rank.R1>([width]), std: tf.ones<tf.Rank.R1>([width]) },
      ]),
    );
  return Object.fromEntries(teachers.map((teacher) => [teacher.name, fresh(teacher)]));
}

/**
 * The teachers' features with every feature at mean 0 and deviation 1 by the given statistics. In
 * training these are the ones from before the batch: standardise first, update after.
 *
 * @param targets `cls [batch, width]`, `patch [batch, tokens, width]` for each teacher.
 * @throws {Error} Where there are no statistics for a teacher's tokens.
 * @source UNIC section 3.3.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { standardize, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const statistics = { a: { cls: { mean: tf.tensor1d([2]), std: tf.tensor1d([4]) } } };
 * const { a } = standardize({ a: { cls: tf.tensor2d([[10]]) } }, statistics);
 * if (Math.abs((await a.cls.data())[0]! - 2) > 1e-5) throw new Error("Expected (10 - 2) / 4");
 * ```
 */
export function standardize<T extends Targets>(targets: T, statistics: Statistics): T {
  return mapTokens(
    targets,
    statistics,
    (x, { mean, std, rotation }) => {
      const centred = tf.sub(x, mean);
      const turned = rotation === undefined ? centred : rotate(centred, rotation);
      return tf.div(turned, tf.add(std, standardizerEpsilon));
    },
  ) as Targets as T;
}

/**
 * Features on the teachers' own scale from standardised ones (or from predictions of them); undoes
 * {@linkcode standardize}.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { destandardize, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const statistics = { a: { cls: { mean: tf.tensor1d([2]), std: tf.tensor1d([4]) } } };
 * const { a } = destandardize({ a: { cls: tf.tensor2d([[2]]) } }, statistics);
 * if (Math.abs((await a.cls.data())[0]! - 10) > 1e-4) throw new Error("Expected 2 x 4 + 2");
 * ```
 */
export function destandardize<T extends Targets>(features: T, statistics: Statistics): T {
  return mapTokens(
    features,
    statistics,
    (x, { mean, std, rotation }) => {
      const scaled = tf.mul(x, tf.add(std, standardizerEpsilon));
      return tf.add(rotation === undefined ? scaled : rotate(scaled, rotation, true), mean);
    },
  ) as Targets as T;
}

/**
 * Statistics after a batch: the weighted mean of the running ones and the batch's, whose deviation is
 * the unbiased one plus 1e-6. Deviations are averaged as such, not as variances.
 *
 * @param targets Raw features of the teachers.
 * @param weight Weight of the batch, 0 to 1; 0 leaves the statistics as they are.
 * @throws {Error} Where there is a single row, which has no deviation.
 * @source UNIC section 3.3; reference defaults.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine, updateStatistics } from "@hashigo/hashigo";
 * await startEngine();
 * const before = { a: { cls: { mean: tf.tensor1d([0]), std: tf.tensor1d([1]) } } };
 * const batch = { a: { cls: tf.tensor2d([[1], [3]]) } };
 * const after = updateStatistics(before, batch, tf.scalar(1));
 * if ((await after.a!.cls!.mean.data())[0] !== 2) throw new Error("Expected the batch's mean");
 * ```
 */
export function updateStatistics(
  statistics: Statistics,
  targets: Targets,
  weight: tf.Scalar,
): Statistics {
  for (const [name, tokens] of Object.entries(targets)) {
    for (const [token, { shape }] of Object.entries(tokens)) {
      const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      if (rows < 2) {
        throw new Error(
          `Cannot update the ${token} statistics of teacher "${name}" from ${rows} row: expected ` +
            "at least 2, since one row has no deviation. Use a larger batch",
        );
      }
    }
  }
  return applyMoments(statistics, batchMoments(targets, statistics), weight);
}

/**
 * The sums from which {@linkcode applyMoments} makes new statistics. Where a batch lies on several
 * machines, add their sums first.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { batchMoments, startEngine } from "@hashigo/hashigo";
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
 * import { applyMoments, startEngine } from "@hashigo/hashigo";
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
    const own = Object.entries(tokens).map(([token, { count, sum, squares }]) => {
      const { mean, std } = statisticsOf(statistics, name, token as TokenType);
      const shift = tf.div<tf.Tensor1D>(sum, count);
      const spread = tf.maximum(tf.sub(squares, tf.mul(sum, shift)), 0);
      const deviation = tf.sqrt(tf.div<tf.Tensor1D>(spread, tf.sub(count, 1)));
      const batchStd = tf.add<tf.Tensor1D>(deviation, standardizerEpsilon);
      return [token, { mean: blend(mean, tf.add(mean, shift)), std: blend(std, batchStd) }];
    });
    return [name, Object.fromEntries(own)] as const;
  });
  return { ...statistics, ...Object.fromEntries(updated) };
}

/** `[..., width]` times a square matrix, or its transpose. */
function rotate(x: tf.Tensor, matrix: tf.Tensor2D, transposed = false): tf.Tensor {
  const rows = tf.reshape<tf.Rank.R2>(x, [-1, matrix.shape[0]]);
  return tf.reshape(tf.matMul(rows, matrix, false, transposed), x.shape);
}

function mapTokens<T>(
  targets: Targets,
  statistics: Statistics,
  map: (features: tf.Tensor, statistics: TokenStatistics) => T,
): { [teacher: string]: { [token: string]: T } } {
  return Object.fromEntries(
    Object.entries(targets).map(([name, tokens]) => [
      name,
      Object.fromEntries(
        Object.entries(tokens).map(([token, features]) => [
          token,
          map(features, statisticsOf(statistics, name, token as TokenType)),
        ]),
      ),
    ]),
  );
}

function statisticsOf(statistics: Statistics, name: string, token: TokenType): TokenStatistics {
  const found = statistics[name]?.[token];
  if (found !== undefined) return found;
  throw new Error(
    `Cannot standardise the ${token} tokens of teacher "${name}": found no statistics for them, ` +
      "expected some for every teacher and token type. Begin with initStatistics of these teachers",
  );
}
