/** How the losses of several teachers become one loss (UNIC section 3.5 and its alternatives). */
import * as tf from "@tensorflow/tfjs";
import type { TeacherLosses } from "./losses.ts";
import { tokenTypes } from "./tokens.ts";
import { keptShares, normalizeCoefficients, teacherDropCoefficients } from "./teacher_drop.ts";
import { UserError } from "../errors/user_error.ts";

/** A way of weighing teachers against one another. */
export interface Balancing {
  /**
   * - `"teacher_drop"` (default): the hardest teacher of an image always counts, each other one is
   *   dropped with a probability (paper section 3.5);
   * - `"random_drop"`: each teacher is dropped with a probability, whoever is the hardest; an image of
   *   which all would be dropped keeps the one with the largest number drawn;
   * - `"none"`: all count the same;
   * - `"fixed"`: by given weights;
   * - `"ada_loss"`: each loss is divided by its own running average.
   */
  readonly kind: "teacher_drop" | "random_drop" | "none" | "fixed" | "ada_loss";
  /** The divisor of the coefficients; `"matrix"` as published. */
  readonly normalization: "matrix" | "image";
  /**
   * Whether teachers are dropped for an image (default) or for each of its tokens, CLS and patches, which
   * takes teachers of one grid.
   */
  readonly level: "image" | "patch";
  /** By teacher, for `"fixed"`; 1 where none is given. */
  readonly weights?: { readonly [teacher: string]: number };
  /** Share of the old average that `"ada_loss"` keeps at each step. */
  readonly momentum: number;
}

/** Inputs of a step. */
export type BalancingInputs = {
  /** `[batch * rows, teachers]` in [0, 1), rows by {@linkcode uniformRows}. */
  readonly uniforms: tf.Tensor2D;
  /** Probability of dropping a teacher. */
  readonly probability: number | tf.Scalar;
  /** `[teachers]`, running averages of the losses, 0 before the first step; for `"ada_loss"`. */
  readonly averages?: tf.Tensor1D | undefined;
  /** `[teachers]`, 1 of those that count and 0 of those that stopped. Default: all count. */
  readonly active?: tf.Tensor1D | undefined;
};

/** The loss of a batch, and the weights that led to it. */
export type Balanced = {
  /** The weighted loss, which is minimised. */
  readonly loss: tf.Scalar;
  /** Each teacher's share of the weight, `[teachers]`, summing to 1. */
  readonly shares: tf.Tensor1D;
  /** `[teachers]`, for the next step; for `"ada_loss"`. */
  readonly averages?: tf.Tensor1D | undefined;
  /** `[batch, teachers]`, the weights; absent where every token has some of its own. */
  readonly coefficients?: tf.Tensor2D;
};

/**
 * Rows of random numbers that each image needs.
 *
 * @param patches Patches of the supervised grid.
 *
 * @example
 * ```ts
 * import { uniformRows } from "./balancing.ts";
 * if (uniformRows({ level: "patch" }, 16) !== 17) throw new Error("Expected CLS and 16 patches");
 * ```
 */
export function uniformRows({ level }: Pick<Balancing, "level">, patches: number): number {
  return level === "patch" ? 1 + patches : 1;
}

/**
 * Weighs the losses of a batch. Weights sum to 1 and are constants: no gradient flows through them.
 *
 * @param losses of the batch, teachers in the order of `teacherNames`
 * @source UNIC section 3.5 and tables J and K.
 * @throws {UserError} where patches of different grids would have to be compared
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { balance } from "@hashigo/hashigo/method";
 * await startEngine();
 * const losses = { matrix: tf.tensor2d([[3, 1]]), perToken: {}, perPatch: {} };
 * const way = { kind: "none", normalization: "matrix", level: "image", momentum: 0.9 } as const;
 * const inputs = { uniforms: tf.zeros<tf.Rank.R2>([1, 2]), probability: 0 };
 * const { loss } = balance(losses, ["a", "b"], way, inputs);
 * if ((await loss.data())[0] !== 2) throw new Error("Expected the mean");
 * ```
 */
export function balance(
  losses: TeacherLosses,
  teacherNames: readonly string[],
  balancing: Balancing,
  inputs: BalancingInputs,
): Balanced {
  if (balancing.kind === "teacher_drop" && balancing.level === "patch") {
    return balanceTokens(losses, teacherNames, balancing, inputs);
  }
  const { matrix } = losses, { active } = inputs;
  const averages = balancing.kind === "ada_loss"
    ? keepStopped(runningAverages(matrix, balancing.momentum, inputs.averages), inputs)
    : undefined;
  const uniforms = withoutStopped(inputs.uniforms, active);
  const coefficients = balancing.kind === "teacher_drop"
    ? teacherDropCoefficients(withoutStopped(matrix, active), uniforms, {
      probability: inputs.probability,
      normalization: balancing.normalization,
    })
    : constant(matrix, () => {
      const weights = weightsOf(balancing, teacherNames, { ...inputs, uniforms, averages });
      const counting = active === undefined ? weights : tf.mul(weights, active);
      const all = tf.broadcastTo(counting, matrix.shape) as tf.Tensor2D;
      return normalizeCoefficients(all, balancing.normalization);
    });
  return {
    loss: tf.sum(tf.mul(coefficients, matrix)),
    shares: keptShares(coefficients),
    averages,
    coefficients,
  };
}

/**
 * `[rows, teachers]` with -1 at teachers that stopped: such a loss is never the largest, and such a number
 * is always below the probability of being dropped.
 */
function withoutStopped(values: tf.Tensor2D, active?: tf.Tensor1D): tf.Tensor2D {
  if (active === undefined) return values;
  return tf.where(tf.greater(tf.broadcastTo(active, values.shape), 0), values, -1) as tf.Tensor2D;
}

/** Averages of teachers that stopped stay as they were. */
function keepStopped(
  averages: tf.Tensor1D,
  { active, averages: before }: Pick<BalancingInputs, "active" | "averages">,
): tf.Tensor1D {
  if (active === undefined || before === undefined) return averages;
  return tf.where(tf.greater(active, 0), averages, before) as tf.Tensor1D;
}

/** `[1 or batch, teachers]`, not yet normalised. */
function weightsOf(
  { kind, weights = {} }: Balancing,
  teacherNames: readonly string[],
  { uniforms, probability, averages }: BalancingInputs,
): tf.Tensor {
  switch (kind) {
    case "random_drop": {
      const luckiest = tf.equal(uniforms, tf.max(uniforms, 1, true));
      return tf.cast(tf.logicalOr(tf.greaterEqual(uniforms, probability), luckiest), "float32");
    }
    case "ada_loss":
      return tf.div(1, tf.maximum(tf.expandDims(averages!, 0), 1e-12));
    case "fixed":
      return tf.tensor2d([relativeWeights(teacherNames.map((name) => weights[name] ?? 1))]);
    default:
      return tf.ones([1, teacherNames.length]);
  }
}

/** The largest is 1, so that single precision holds their sum, however small or large they are. */
function relativeWeights(weights: readonly number[]): number[] {
  const largest = Math.max(...weights);
  return weights.map((weight) => weight / largest);
}

/** The average after a batch, `[teachers]`; the first batch's own where there is none yet. */
function runningAverages(matrix: tf.Tensor2D, momentum: number, before?: tf.Tensor1D) {
  return constant(matrix, () => {
    const batchMean = tf.mean<tf.Tensor1D>(matrix, 0);
    if (before === undefined) return batchMean;
    const next = tf.add(tf.mul(before, momentum), tf.mul(batchMean, 1 - momentum));
    return tf.where(tf.greater(before, 0), next, batchMean) as tf.Tensor1D;
  });
}

/** Every token by itself: CLS of each image, then each patch; the token types weigh the same. */
function balanceTokens(
  losses: TeacherLosses,
  teacherNames: readonly string[],
  balancing: Balancing,
  { uniforms, probability, active }: BalancingInputs,
): Balanced {
  const batch = losses.matrix.shape[0];
  const types = tokenTypes.flatMap((type) => {
    const teachers = teacherNames.flatMap((name, column) => {
      const loss = type === "cls" ? losses.perToken[name]?.cls : losses.perPatch[name];
      return loss === undefined ? [] : [{ column, loss: tf.reshape<tf.Rank.R1>(loss, [-1]) }];
    });
    return teachers.length === 0 ? [] : [{ type, teachers }];
  });
  const parts = types.map(({ type, teachers }) => {
    const rows = teachers[0]!.loss.size;
    if (teachers.some(({ loss }) => loss.size !== rows)) throw differentGrids();
    const matrix = tf.stack(teachers.map(({ loss }) => loss), 1) as tf.Tensor2D;
    const drawn = tf.slice(uniforms, [type === "cls" ? 0 : batch, 0], [rows, teacherNames.length]);
    const columns = tf.tensor1d(teachers.map(({ column }) => column), "int32");
    const counting = active && tf.gather(active, columns);
    const kept = teacherDropCoefficients(
      withoutStopped(matrix, counting),
      withoutStopped(tf.gather(drawn, columns, 1), counting),
      { probability, normalization: balancing.normalization },
    );
    // Of a type that only teachers have that stopped, nobody counts.
    const coefficients = counting === undefined ? kept : tf.mul<tf.Tensor2D>(kept, counting);
    const places = tf.cast(
      tf.equal(tf.expandDims(columns, 1), tf.range(0, teacherNames.length, 1, "int32")),
      "float32",
    );
    return {
      loss: tf.sum(tf.mul(coefficients, matrix)),
      shares: tf.sum(tf.mul(tf.expandDims(keptShares(coefficients), 1), places), 0),
    };
  });
  const mean = (values: tf.Tensor[]) => tf.mul(tf.addN(values), 1 / values.length);
  return {
    loss: mean(parts.map(({ loss }) => loss)) as tf.Scalar,
    shares: mean(parts.map(({ shares }) => shares)) as tf.Tensor1D,
  };
}

/** The result of `make`, through which no gradient flows to `matrix`. */
function constant<T extends tf.Tensor>(matrix: tf.Tensor2D, make: () => T): T {
  const cut = tf.customGrad(() => ({ value: make(), gradFunc: () => tf.zeros(matrix.shape) }));
  return cut(matrix) as T;
}

function differentGrids(): UserError {
  return new UserError(
    "Cannot drop teachers patch by patch: their patches lie on different grids. Expected one grid; " +
      'choose teachers (or input sizes) of one grid, or balancing.level="image"',
  );
}
