/** Mean and deviation of teachers' features, by teacher and token type (UNIC section 3.3). */
import * as tf from "@tensorflow/tfjs";
import type { Predictions, TeacherShape, TokenType } from "../tokens.ts";

/** Added to each batch's deviation, and again in the division (UNIC, reference defaults). */
export const standardizerEpsilon = 1e-6;

/** Mean and deviation of every feature of a teacher's tokens, `[teacherWidth]` each. */
export type TokenStatistics = {
  readonly mean: tf.Tensor1D;
  readonly std: tf.Tensor1D;
  /** `[teacherWidth, teacherWidth]`, orthogonal: centred features are multiplied with it first. */
  readonly rotation?: tf.Tensor2D;
  /** `[teacherWidth, axes]`, orthonormal columns: standardised features are multiplied with it last. */
  readonly axes?: tf.Tensor2D;
  /** `[1]`, beside `axes`: the share of the variance that lies along them. */
  readonly kept?: tf.Tensor1D;
};

/** Running statistics for each teacher and token type that it has. */
export type Statistics = {
  readonly [teacher: string]: { readonly cls?: TokenStatistics; readonly patch?: TokenStatistics };
};

/** Features of the teachers, shaped as the student's predictions of them. */
export type Targets = Predictions;

/**
 * Statistics before the first batch: mean 0, deviation 1.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initStatistics } from "@hashigo/hashigo/method";
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

/** Applies a function to the features of every teacher and token type, and their statistics. */
export function mapTokens<T>(
  targets: Targets,
  statistics: Statistics,
  map: (features: tf.Tensor, statistics: TokenStatistics) => T,
): { [teacher: string]: { [token: string]: T } } {
  return mapEveryToken<tf.Tensor, T>(
    targets,
    (features, name, token) => map(features, statisticsOf(statistics, name, token)),
  );
}

/** Applies a function to what there is of every teacher and token type. */
export function mapEveryToken<From, To>(
  values: { readonly [teacher: string]: { readonly [type in TokenType]?: From } },
  map: (value: From, teacher: string, token: TokenType) => To,
): { [teacher: string]: { [token: string]: To } } {
  return Object.fromEntries(
    Object.entries(values).map(([name, tokens]) => [
      name,
      Object.fromEntries(
        Object.entries<From>(tokens).map(([token, value]) => [
          token,
          map(value, name, token as TokenType),
        ]),
      ),
    ]),
  );
}

/**
 * Statistics of one teacher's tokens of one type.
 *
 * @throws {Error} Where there are none.
 */
export function statisticsOf(
  statistics: Statistics,
  name: string,
  token: TokenType,
): TokenStatistics {
  const known = statistics[name]?.[token];
  if (known !== undefined) return known;
  throw new Error(
    `Cannot standardise the ${token} tokens of teacher "${name}": found no statistics for them, ` +
      "expected some for every teacher and token type. Begin with initStatistics of these teachers",
  );
}
