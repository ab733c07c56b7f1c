/** Makes the features of different teachers comparable (UNIC section 3.3). */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import { batchMoments, blendStatistics, statisticsOfMoments } from "./moments.ts";
import { mapTokens, standardizerEpsilon, type Statistics, type Targets } from "./statistics.ts";

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

/**
 * The teachers' features with every feature at mean 0 and deviation 1 by the given statistics. In
 * training these are the ones from before the batch: standardise first, update after. Statistics with
 * principal axes make them `axes` wide.
 *
 * @param targets `cls [batch, width]`, `patch [batch, tokens, width]` for each teacher.
 * @throws {Error} Where there are no statistics for a teacher's tokens.
 * @source UNIC section 3.3.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { standardize } from "@hashigo/hashigo/method";
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
    (x, { mean, std, rotation, axes }) => {
      const centred = tf.sub(x, mean);
      const turned = rotation === undefined ? centred : turn(centred, rotation);
      const scaled = tf.div(turned, tf.add(std, standardizerEpsilon));
      return axes === undefined ? scaled : turn(scaled, axes);
    },
  ) as Targets as T;
}

/**
 * Features on the teachers' own scale from standardised ones (or from predictions of them); undoes
 * {@linkcode standardize}, but for what lies across principal axes where only some are kept.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { destandardize } from "@hashigo/hashigo/method";
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
    (x, { mean, std, rotation, axes }) => {
      const whole = axes === undefined ? x : turn(x, axes, true);
      const scaled = tf.mul(whole, tf.add(std, standardizerEpsilon));
      return tf.add(rotation === undefined ? scaled : turn(scaled, rotation, true), mean);
    },
  ) as Targets as T;
}

/**
 * Statistics after a batch: the weighted mean of the running ones and the batch's, whose deviation is
 * the unbiased one plus 1e-6. Deviations are averaged as such, not as variances.
 *
 * @param targets Raw features of the teachers.
 * @param weight Weight of the batch, 0 to 1; 0 leaves the statistics as they are.
 * @throws {UserError} Where there is a single row, which has no deviation.
 * @source UNIC section 3.3; reference defaults.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { updateStatistics } from "@hashigo/hashigo/method";
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
  return blendStatistics(statistics, batchStatistics(targets), weight);
}

/**
 * Statistics of a batch by itself, whatever was seen before: the mean, and the unbiased deviation plus
 * 1e-6.
 *
 * @param targets Raw features of the teachers.
 * @throws {UserError} Where there is a single row, which has no deviation.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { batchStatistics } from "./standardizer.ts";
 * await startEngine();
 * const { a } = batchStatistics({ a: { cls: tf.tensor2d([[1001], [1003]]) } });
 * if ((await a!.cls!.mean.data())[0] !== 1002) throw new Error("Expected the batch's mean");
 * ```
 */
export function batchStatistics(targets: Targets): Statistics {
  for (const [name, tokens] of Object.entries(targets)) {
    for (const [token, { shape }] of Object.entries(tokens)) {
      const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      if (rows < 2) {
        throw new UserError(
          `Cannot update the ${token} statistics of teacher "${name}" from ${rows} row: expected ` +
            "at least 2, since one row has no deviation. Use a larger batch",
        );
      }
    }
  }
  return statisticsOfMoments(batchMoments(targets));
}

/** `[..., width]` times a matrix, or its transpose. */
function turn(x: tf.Tensor, matrix: tf.Tensor2D, transposed = false): tf.Tensor {
  const rows = tf.reshape<tf.Rank.R2>(x, [-1, x.shape.at(-1)!]);
  const turned = tf.matMul(rows, matrix, false, transposed);
  return tf.reshape(turned, [...x.shape.slice(0, -1), matrix.shape[transposed ? 0 : 1]]);
}
