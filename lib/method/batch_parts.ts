/**
 * The gradient of a batch that several processes share: what each computes of its part, as one vector whose
 * sum over all parts is the whole.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { finishSums, reportSize, weighedPart } from "./accumulation.ts";
import { floorDeviations } from "./standardizers/least_deviation.ts";
import {
  batchMoments,
  blendStatistics,
  mergeMoments,
  type Moments,
  statisticsOfMoments,
} from "./standardizers/moments.ts";
import { mapEveryToken, type Statistics } from "./standardizers/statistics.ts";
import {
  type DistillBatch,
  type DistillGradients,
  type GradientInputs,
  type GradientTensors,
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

/**
 * What one part of a batch adds to the step: its gradient and its losses, times its weight in the batch, its means
 * as they are, and its moments of the teachers' features, each part's in a place of its own. Which pairs of image and teacher
 * count is decided image by image; only by how many they are divided is known to the whole batch, so a part
 * weighs as much as the pairs that it kept.
 *
 * @param batch the part
 * @param inputs of the part
 * @returns one vector, whose sum over all parts {@linkcode mergeParts} takes
 * @source UNIC section 3.5, whose mean goes over all kept pairs of the batch.
 *
 * @example
 * ```ts ignore
 * const parts = halves.map((half, rank) => partialGradients(tensors, half, inputs[rank]!, config, { rank, size: 2 }));
 * const { gradients } = mergeParts(tf.addN(parts), tensors, inputs[0]!, config, 2);
 * ```
 */
export function partialGradients(
  tensors: GradientTensors,
  batch: DistillBatch,
  inputs: GradientInputs,
  config: StepConfig,
  { rank, size }: BatchPart,
): tf.Tensor1D {
  // By the statistics from before the batch, whose moments are merged with those of the other parts first.
  const before = tensors.statistics;
  const { gradients, weight, report } = weighedPart(tensors, batch, before, inputs, config);
  const moments = config.standardizer === "ema" ? momentsVector(batchMoments(batch.targets)) : [];
  const places = moments.map((vector) =>
    tf.pad1d(vector, [rank * vector.size, (size - 1 - rank) * vector.size])
  );
  return tf.concat1d([gradients, weight.as1D(), report, ...places]);
}

/**
 * The gradients of a whole batch from the sum of what its parts gave, as `distillGradients` gives them of all
 * at once, but for rounding.
 *
 * @param sum of all parts' vectors
 * @param counts rows of each teacher's tokens in a part, for their moments
 */
export function mergeParts(
  sum: tf.Tensor1D,
  { statistics }: Pick<GradientTensors, "statistics">,
  { standardizerWeight }: Pick<GradientInputs, "standardizerWeight">,
  config: StepConfig,
  { size, counts }: { readonly size: number; readonly counts: TokenCounts },
): DistillGradients {
  const sizes = [config.layout.size, 1, reportSize(config)];
  const rest = sum.size - sizes.reduce((a, b) => a + b, 0);
  const [gradients, weight, report, moments] = tf.split(sum, [...sizes, rest]) as tf.Tensor1D[];
  const sums = { gradients: gradients!, weight: weight!.asScalar(), report: report! };
  return {
    ...finishSums(sums, size, config),
    statistics: config.standardizer === "ema"
      ? mergedStatistics(moments!, statistics, standardizerWeight, { config, size, counts })
      : statistics,
  };
}

/** Rows of each teacher's tokens in one part of a batch. */
export type TokenCounts = {
  readonly [teacher: string]: { readonly cls?: number; readonly patch?: number };
};

/** The rows of a part's targets. */
export function tokenCounts(targets: DistillBatch["targets"]): TokenCounts {
  return mapEveryToken<tf.Tensor, number>(targets, ({ size, shape }) => size / shape.at(-1)!);
}

/** Mean and squares of every teacher's tokens, in the order of the teachers' names. */
function momentsVector(moments: Moments): tf.Tensor1D[] {
  return entriesOf(moments).flatMap(({ value: { mean, squares } }) => [mean, squares]);
}

function mergedStatistics(
  vector: tf.Tensor1D,
  statistics: Statistics,
  weight: tf.Scalar,
  { config, size, counts }: {
    readonly config: StepConfig;
    readonly size: number;
    readonly counts: TokenCounts;
  },
): Statistics {
  const widths = widthsOf(config.student.ladder.teachers);
  let offset = 0;
  const takeParts = (width: number) => {
    const parts = tf.reshape<tf.Rank.R2>(tf.slice1d(vector, offset, width * size), [size, width]);
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
  const whole = (byPart as Moments[]).reduce(mergeMoments);
  const ofBatch = floorDeviations(statisticsOfMoments(whole), config.leastDeviation ?? 0);
  return blendStatistics(statistics, ofBatch, weight);
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
