/**
 * A step of a batch that several processes share: what each computes of its part, so that the sums over all
 * parts are those of the whole.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { gradientNorm } from "../tensors/adamw.ts";
import { type GradientSums, reportFactors } from "./accumulation.ts";
import {
  batchMoments,
  mergeMoments,
  type Moments,
  statisticsOfMoments,
} from "./standardizers/moments.ts";
import { mapEveryToken, type Statistics, type Targets } from "./standardizers/statistics.ts";
import {
  type DistillGradients,
  type StatisticsInputs,
  statisticsWith,
  type StepConfig,
} from "./step.ts";
import { type TeacherShape, tokenTypes } from "./tokens.ts";

/** Which part of a batch. */
export interface BatchPart {
  /** From 0. */
  readonly rank: number;
  /** Parts, of one size each. */
  readonly size: number;
}

/** What one part of a batch adds to the step, or the sum of several. */
export type PartOfStep = {
  /** `[size]`, times the part's weight in the batch. */
  readonly gradients: tf.Tensor1D;
  /** Weight, losses and shares; the moments of the teachers' features, each part's in a place of its own. */
  readonly numbers: tf.Tensor1D;
};

/**
 * What one part of a batch adds to the step: its gradient and its losses, times its weight in the batch, and,
 * for running statistics, its moments of the teachers' features. Which pairs of image and teacher count is
 * decided image by image; only by how many they are divided is known to the whole batch, so a part weighs as
 * much as the pairs that it kept.
 *
 * @param sums of the part, by its weight
 * @param targets of the part
 * @param part inParts: how many parts of the part were summed up. Default 1
 * @returns vectors whose sums over all parts {@linkcode mergeParts} takes
 * @source UNIC section 3.5, whose mean goes over all kept pairs of the batch.
 *
 * @example
 * ```ts ignore
 * const parts = halves.map(({ sums, targets }, rank) => partOfStep(sums, targets, config, { rank, size: 2 }));
 * const gradients = tf.addN(parts.map((part) => part.gradients));
 * const numbers = tf.addN(parts.map((part) => part.numbers));
 * const whole = mergeParts({ gradients, numbers }, statistics, inputs, config, { size: 2, counts });
 * ```
 */
export function partOfStep(
  { gradients, report, weight }: GradientSums,
  targets: Targets,
  config: Pick<StepConfig, "student" | "standardizer">,
  { inParts = 1, ...part }: BatchPart & { readonly inParts?: number },
): PartOfStep {
  const ofMeans = tf.scalar(1 / (part.size * inParts));
  const numbers = tf.mul<tf.Tensor1D>(report, reportFactors(tf.scalar(1), ofMeans, config));
  const moments = config.standardizer === "ema" ? [momentsOfPart(targets, part)] : [];
  return { gradients, numbers: tf.concat1d([weight.as1D(), numbers, ...moments]) };
}

/**
 * The gradients of a whole batch from the sums over its parts, as `distillGradients` gives them of all at once, but
 * for rounding.
 *
 * @param sums over all parts; squares: sum of the squares of all gradients, where those given are a slice
 * @param statistics from before the batch; of kind `"batch"`, those from after it
 * @param parts counts: rows of each teacher's tokens in a part, for their moments
 */
export function mergeParts(
  { gradients, numbers, squares }: PartOfStep & { readonly squares?: tf.Scalar },
  statistics: Statistics,
  inputs: StatisticsInputs,
  config: Pick<StepConfig, "student" | "standardizer" | "leastDeviation">,
  parts: PartCounts,
): DistillGradients {
  const report = 1 + 4 * config.student.ladder.teachers.length;
  const [weight, sums, moments] = tf.split(
    numbers,
    [1, report, numbers.size - 1 - report],
  ) as tf.Tensor1D[];
  const inverse = tf.reshape<tf.Rank.R0>(tf.div(1, weight!), []);
  const whole = tf.div<tf.Tensor1D>(gradients, weight!);
  const norm = squares === undefined
    ? gradientNorm(whole)
    : tf.mul<tf.Scalar>(tf.sqrt(squares), inverse);
  const ofBatch = () => statisticsOfParts(moments!, config, parts);
  return {
    gradients: whole,
    statistics: config.standardizer === "ema"
      ? statisticsWith(ofBatch(), statistics, inputs, config).after
      : statistics,
    report: tf.concat1d([
      tf.mul<tf.Tensor1D>(sums!, reportFactors(inverse, tf.scalar(1), config)),
      norm.as1D(),
    ]),
  };
}

/** Rows of each teacher's tokens in one part of a batch. */
export type TokenCounts = {
  readonly [teacher: string]: { readonly cls?: number; readonly patch?: number };
};

/** How many parts there are, and what is in each. */
export interface PartCounts {
  readonly size: number;
  readonly counts: TokenCounts;
}

/** The rows of a part's targets. */
export function tokenCounts(targets: Targets): TokenCounts {
  return mapEveryToken<tf.Tensor, number>(targets, ({ size, shape }) => size / shape.at(-1)!);
}

/**
 * The moments of the teachers' features in a part of a batch, with zeros in the places of all other parts: so
 * those of all are merged without cancellation, though they travel as a sum.
 *
 * @returns mean and squares of every teacher's tokens, in the order of the teachers' names
 */
export function momentsOfPart(targets: Targets, { rank, size }: BatchPart): tf.Tensor1D {
  const vectors = entriesOf(batchMoments(targets))
    .flatMap(({ value: { mean, squares } }) => [mean, squares]);
  return tf.concat1d(
    vectors.map((vector) =>
      tf.pad1d(vector, [rank * vector.size, (size - 1 - rank) * vector.size])
    ),
  );
}

/** The statistics of a batch from the moments of its parts. */
export function statisticsOfParts(
  moments: tf.Tensor1D,
  { student }: Pick<StepConfig, "student">,
  { size, counts }: PartCounts,
): Statistics {
  const widths = widthsOf(student.ladder.teachers);
  let offset = 0;
  const takeParts = (width: number) => {
    const parts = tf.reshape<tf.Rank.R2>(tf.slice1d(moments, offset, width * size), [size, width]);
    offset += width * size;
    return tf.unstack(parts) as tf.Tensor1D[];
  };
  const byPart: Record<string, Record<string, Moments[string]["cls"]>>[] = Array.from(
    { length: size },
    () => ({}),
  );
  for (const { teacher, type, value: count } of entriesOf(counts)) {
    const [means, squares] = [takeParts(widths[teacher]!), takeParts(widths[teacher]!)];
    byPart.forEach((part, i) => {
      part[teacher] = {
        ...part[teacher],
        [type]: { count: tf.scalar(count), mean: means[i]!, squares: squares[i]! },
      };
    });
  }
  return statisticsOfMoments((byPart as Moments[]).reduce(mergeMoments));
}

function widthsOf(teachers: readonly TeacherShape[]): Record<string, number> {
  return Object.fromEntries(
    teachers.map(({ name, width, featureWidth = width }) => [name, featureWidth]),
  );
}

/** What there is of every teacher and token type, in an order that does not depend on how it came to be. */
function entriesOf<T>(
  values: { readonly [teacher: string]: { readonly cls?: T; readonly patch?: T } },
): { readonly teacher: string; readonly type: "cls" | "patch"; readonly value: T }[] {
  return Object.keys(values).sort().flatMap((teacher) =>
    tokenTypes.flatMap((type) => {
      const value = values[teacher]?.[type];
      return value === undefined ? [] : [{ teacher, type, value }];
    })
  );
}
