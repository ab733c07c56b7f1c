/** A floor under deviations, so that a feature that hardly ever fires is not blown up. */
import * as tf from "@tensorflow/tfjs";
import type { Statistics } from "./statistics.ts";
import { mapEveryToken } from "./statistics.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/**
 * Deviations `[width]`, none below `least` times their mean.
 *
 * @example
 * ```ts
 * import { withLeastDeviation } from "./least_deviation.ts";
 * const floored = withLeastDeviation(Float64Array.of(0, 4), 0.5);
 * if (floored.join() !== "1,4") throw new Error("Expected half of the mean, 2");
 * ```
 */
export function withLeastDeviation(deviations: Float64Array, least: number): Float64Array {
  const mean = meanOf(deviations);
  return deviations.map((one) => Math.max(one, least * mean));
}

/**
 * Statistics of a batch, of each teacher and type of token none of whose deviations lies below `least` times
 * their mean.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { floorDeviations } from "./least_deviation.ts";
 * await startEngine();
 * const statistics = { a: { cls: { mean: tf.tensor1d([0, 0]), std: tf.tensor1d([0, 4]) } } };
 * const { a } = floorDeviations(statistics, 0.5);
 * if ((await a!.cls!.std.data()).join() !== "1,4") throw new Error("Expected half of the mean, 2");
 * ```
 */
export function floorDeviations(statistics: Statistics, least: number): Statistics {
  if (least === 0) return statistics;
  return mapEveryToken(statistics, ({ std, ...rest }) => ({
    ...rest,
    std: tf.maximum<tf.Tensor1D>(std, tf.mul(tf.mean(std), least)),
  }));
}
