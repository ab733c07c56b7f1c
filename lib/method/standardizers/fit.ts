/** Statistics of teachers' features from some batches, once, before a run (EUPE, PHI-S). */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import type { TokenType } from "../tokens.ts";
import { phiRotation } from "./phi_s.ts";
import { principalTargets } from "./principal_targets.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { withLeastDeviation } from "./least_deviation.ts";
import type { StandardizerKind } from "./standardizer.ts";
import {
  standardizerEpsilon,
  type Statistics,
  type Targets,
  type TokenStatistics,
} from "./statistics.ts";

/** Kinds of standardisation that are fitted before the first step. */
export type FittedKind = Exclude<StandardizerKind, "ema" | "batch">;

/** Sums over rows, measured from the first batch's mean so that they do not cancel; in float64. */
interface Sums {
  readonly shift: Float32Array;
  rows: number;
  readonly sum: Float64Array;
  /** Of squares `[width]`, or of products `[width, width]` for rotations and axes. */
  readonly products: Float64Array;
}

/** Options of {@linkcode fitStatistics}. */
export interface FitOptions {
  /** Principal axes that are kept of wider features. Default: whole features. */
  readonly axes?: number | undefined;
  /** Least deviation of a feature of "fixed", in units of the mean of all. Default 0. */
  readonly leastDeviation?: number | undefined;
}

/** Collects batches, then computes the statistics of all of them. */
export interface StatisticsFit {
  /**
   * Adds a batch. Rows that are not finite are left out: steps that meet them are the guard's.
   *
   * @param targets raw features of the teachers; borrowed
   */
  add(targets: Targets): Promise<void>;
  /**
   * Computes the statistics of all batches; the caller owns them.
   *
   * @throws {UserError} where fewer than two rows were added
   */
  finish(random: RandomStream): Statistics;
}

/**
 * Begins to fit statistics. The order of the batches and their sizes make no difference beyond rounding.
 *
 * @param axes Features of more than so many numbers become their first principal axes. Default: none do.
 * @source EUPE (fixed statistics of a pre-pass), PHI-S.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { fitStatistics } from "@hashigo/hashigo/method";
 * await startEngine();
 * const fit = fitStatistics("fixed");
 * await fit.add({ a: { cls: tf.tensor2d([[1], [3]]) } });
 * await fit.add({ a: { cls: tf.tensor2d([[5], [7]]) } });
 * const { a } = fit.finish(randomStream(0));
 * if ((await a!.cls!.mean.data())[0] !== 4) throw new Error("Expected the mean of all four");
 * ```
 */
export function fitStatistics(
  kind: FittedKind,
  { axes = Infinity, leastDeviation = 0 }: FitOptions = {},
): StatisticsFit {
  const sums = new Map<string, Sums>();
  return {
    async add(targets) {
      for (const [teacher, tokens] of Object.entries(targets)) {
        for (const [type, features] of Object.entries(tokens)) {
          const name = `${teacher}.${type}`;
          const rows = await finiteRows(features);
          if (rows === undefined) continue;
          const tokenSums = sums.get(name) ?? await beginSums(rows, kind, axes);
          sums.set(name, tokenSums);
          await addRows(tokenSums, rows);
          rows.dispose();
        }
      }
    },
    finish(random) {
      return tf.tidy(() => {
        const statistics: Record<string, { [type in TokenType]?: TokenStatistics }> = {};
        for (const [name, tokenSums] of sums) {
          const dot = name.lastIndexOf(".");
          const [teacher, type] = [name.slice(0, dot), name.slice(dot + 1)];
          (statistics[teacher] ??= {})[type as TokenType] = finishToken(
            tokenSums,
            { kind, axes, leastDeviation, random: random.at(name) },
          );
        }
        return statistics;
      });
    },
  };
}

/** `[rows, width]`, without rows that hold a number that is not finite; undefined where none is left. */
async function finiteRows(features: tf.Tensor): Promise<tf.Tensor2D | undefined> {
  const rows = tf.reshape<tf.Rank.R2>(features, [-1, features.shape.at(-1)!]);
  // Only what is not finite is not 0 when it is multiplied with 0.
  const sums = tf.tidy(() => tf.sum(tf.mul(rows, 0), 1));
  const zeros = await sums.data();
  sums.dispose();
  const finite = [...zeros.keys()].filter((row) => zeros[row] === 0);
  if (finite.length === zeros.length) return rows;
  try {
    if (finite.length === 0) return undefined;
    return tf.tidy(() => tf.gather(rows, tf.tensor1d(finite, "int32")));
  } finally {
    rows.dispose();
  }
}

async function beginSums(rows: tf.Tensor2D, kind: FittedKind, axes: number): Promise<Sums> {
  const width = rows.shape[1], mean = tf.mean(rows, 0);
  const shift = await mean.data<"float32">();
  mean.dispose();
  const products = new Float64Array(kind === "phi_s" || axes < width ? width * width : width);
  return { shift, rows: 0, sum: new Float64Array(width), products };
}

async function addRows(sums: Sums, rows: tf.Tensor2D): Promise<void> {
  const whole = sums.products.length > sums.sum.length;
  const [sum, products] = tf.tidy(() => {
    const centred = tf.sub<tf.Tensor2D>(rows, tf.tensor1d(sums.shift));
    return [
      tf.sum(centred, 0),
      whole ? tf.matMul(centred, centred, true) : tf.sum(tf.square(centred), 0),
    ];
  }) as [tf.Tensor, tf.Tensor];
  sums.rows += rows.shape[0];
  (await sum.data<"float32">()).forEach((value, i) => sums.sum[i]! += value);
  (await products.data<"float32">()).forEach((value, i) => sums.products[i]! += value);
  tf.dispose([sum, products]);
}

function finishToken(
  { shift, rows, sum, products }: Sums,
  { kind, axes, leastDeviation, random }: {
    readonly kind: FittedKind;
    readonly axes: number;
    readonly leastDeviation: number;
    readonly random: RandomStream;
  },
): TokenStatistics {
  if (rows < 2) {
    throw new UserError(
      `Cannot fit statistics to ${rows} rows: expected at least 2, since one has no deviation`,
    );
  }
  const width = shift.length;
  const mean = tf.tensor1d(shift.map((value, i) => value + sum[i]! / rows));
  const covariance = (i: number, j: number, product: number) =>
    (product - sum[i]! * sum[j]! / rows) / (rows - 1);
  const all = () =>
    products.map((product, at) => covariance(Math.floor(at / width), at % width, product));
  if (axes < width) {
    const found = principalTargets(all(), { kind, axes, leastDeviation, random });
    return {
      mean,
      std: tf.tensor1d(Float32Array.from(found.std)),
      axes: tf.tensor2d(found.axes, [width, axes]),
      kept: tf.tensor1d([found.kept]),
    };
  }
  if (kind === "phi_s") {
    const { rotation, std } = phiRotation(all(), width, random);
    return {
      mean,
      std: tf.fill<tf.Rank.R1>([width], std),
      rotation: tf.tensor2d(rotation, [width, width]),
    };
  }
  const variances = products.map((product, i) => Math.max(0, covariance(i, i, product)));
  if (kind === "fixed") {
    const std = Float32Array.from(withLeastDeviation(variances.map(Math.sqrt), leastDeviation));
    return { mean, std: tf.add<tf.Tensor1D>(tf.tensor1d(std), standardizerEpsilon) };
  }
  const average = variances.reduce((total, variance) => total + variance, 0) / width;
  return { mean, std: tf.fill<tf.Rank.R1>([width], Math.sqrt(average)) };
}
