/**
 * One training step, in two pure halves: the gradient of the losses (UNIC sections 3.1 to 3.5) and the
 * update of the parameters.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { balance, type Balancing } from "./balancing.ts";
import type { KeptTokens } from "../nn/kept_tokens.ts";
import { valueAndGradient } from "../tensors/gradient.ts";
import { type AdamOptions, type AdamState, adamW, gradientNorm } from "../tensors/adamw.ts";
import { type TeacherShape, tokenTypes } from "./tokens.ts";
import { encoderInput, type ImageInput } from "./encoder_input.ts";
import type { Layout } from "../tensors/parameters.ts";
import {
  batchStatistics,
  standardize,
  type StandardizerKind,
} from "./standardizers/standardizer.ts";
import { floorDeviations } from "./standardizers/least_deviation.ts";
import { blendStatistics } from "./standardizers/moments.ts";
import type { Statistics, Targets } from "./standardizers/statistics.ts";
import type { StudentConfig, StudentParameters } from "./student.ts";
import { studentLosses } from "./student_losses.ts";
import { takeTargets } from "./token_selection.ts";

/** Everything on the engine that a step changes. Scalars that follow from the step number do not belong here. */
export type DistillTensors = {
  /** Student encoder and ladder, one flat buffer in the order of the layout, `[size]`. */
  readonly parameters: tf.Tensor1D;
  readonly adam: AdamState;
  readonly statistics: Statistics;
  /** Running averages of the teachers' losses, `[teachers]`, where the balancing has them. */
  readonly averages?: tf.Tensor1D;
};

/** One batch as the student sees it, and its teachers' features. */
export type DistillBatch = {
  /** `[batch, height, width, 3]` in [0, 1]; of a student with frozen stages, what those give. */
  readonly images: tf.Tensor4D | tf.Tensor3D;
  /** Raw teacher features on the supervised grids. */
  readonly targets: Targets;
};

/** Numbers drawn or computed on the host, so that a step can be replayed exactly. */
export type GradientInputs = {
  /** `[batch * rows, teachers]` in [0, 1): a teacher is dropped where this is below the probability. */
  readonly dropUniforms: tf.Tensor2D;
  /** Probability of dropping a teacher. */
  readonly dropProbability: tf.Scalar;
  /** `[depth, 2, batch]` multipliers of the residual branches. */
  readonly dropPath: tf.Tensor3D;
  /** The patches that the student sees, where some are masked. */
  readonly kept?: KeptTokens;
  /** Weight of this batch in the running statistics. */
  readonly standardizerWeight: tf.Scalar;
  /**
   * `[teachers]`, 1 of those that count; 0 of those that stopped, whose targets may be anything finite.
   * Default: all count.
   */
  readonly activeTeachers?: tf.Tensor1D;
};

/** Inputs of an update. */
export type UpdateInputs = {
  readonly learningRate: tf.Scalar;
  /** 1-based number of this update, for Adam's bias correction. */
  readonly update: tf.Scalar;
  /** L2 norm of the whole gradient, where the buffers are a slice. Default: that of the given one. */
  readonly gradientNorm?: tf.Scalar;
};

/** The constants of a step. */
export interface StepConfig {
  /** Encoder and ladder. */
  readonly student: StudentConfig;
  /** Where each tensor lies in the flat buffers. */
  readonly layout: Layout<StudentParameters>;
  /** Size and normalisation of the images that the encoder takes. */
  readonly input: ImageInput;
  /** How the teachers' losses become one. */
  readonly balancing: Balancing;
  /** Every how many-th row and column of patches is supervised. Default 1. */
  readonly patchStride?: number;
  /** How the teachers' features are made comparable. */
  readonly standardizer: StandardizerKind;
  /** Least deviation of a feature in running statistics, in units of the mean of all. Default 0. */
  readonly leastDeviation?: number;
  /** Constants of AdamW. */
  readonly optimizer: {
    readonly weightDecay: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly maximumGradientNorm?: number;
  } & Pick<AdamOptions, "rates" | "decays">;
}

/** What the first half of a step reads of the state. */
export type GradientTensors = Pick<DistillTensors, "parameters" | "statistics" | "averages">;

/** Outputs of the first half of a step. */
export type DistillGradients = {
  /** `[size]`, zero where the optimiser keeps a tensor as it is. */
  readonly gradients: tf.Tensor1D;
  /** With this batch taken in, where they are running statistics. */
  readonly statistics: Statistics;
  /** With this batch taken in, where the balancing has them. */
  readonly averages?: tf.Tensor1D;
  /** Numbers that {@link readReport} names. */
  readonly report: tf.Tensor1D;
};

/**
 * First half of a UNIC training step (paper sections 3.1 to 3.5), a pure function: standardise the
 * teachers' features with the statistics from before this batch, predict them through the ladder,
 * measure, drop teachers, differentiate.
 */
export function distillGradients(
  tensors: GradientTensors,
  batch: DistillBatch,
  inputs: GradientInputs,
  config: StepConfig,
): DistillGradients {
  const { before, after } = statisticsAround(batch.targets, tensors.statistics, inputs, config);
  const { gradients, averages, report } = lossGradients(tensors, batch, before, inputs, config);
  return {
    gradients,
    statistics: after,
    // Absent rather than undefined: a tree of tensors.
    ...averages && { averages },
    // The norm here, and not with the update, so that an update can be refused for it.
    report: tf.concat1d([report, gradientNorm(gradients).as1D()]),
  };
}

/** The gradient of the loss of a batch, or of a part of one. */
export type LossGradients = Pick<DistillGradients, "gradients" | "averages"> & {
  /** What {@link readReport} names, without the norm of the gradient. */
  readonly report: tf.Tensor1D;
  /** How much a part counts in its batch; absent where the balancing sees the batch as a whole. */
  readonly weight?: tf.Scalar | undefined;
};

/**
 * The gradient of the loss of a batch, or of a part of one.
 *
 * @param before statistics that the targets are standardised by
 */
export function lossGradients(
  tensors: Pick<DistillTensors, "parameters" | "averages">,
  batch: DistillBatch,
  before: Statistics,
  inputs: Omit<GradientInputs, "standardizerWeight">,
  config: StepConfig,
): LossGradients {
  const teacherNames = config.student.ladder.teachers.map((teacher) => teacher.name);
  const targets = standardize(takeTargets(batch.targets, config.student, inputs.kept), before);
  const images = encoderInput(batch.images, config);
  const { value, gradient, others } = valueAndGradient(
    (parameters) => {
      const { dropPath, kept } = inputs;
      const given = { images, targets, statistics: before, dropPath, kept };
      const losses = studentLosses(parameters, given, config);
      const { matrix, perToken } = losses;
      const { loss, shares, averages, weight } = balance(losses, teacherNames, config.balancing, {
        uniforms: inputs.dropUniforms,
        probability: inputs.dropProbability,
        averages: tensors.averages,
        active: inputs.activeTeachers,
      });
      const perType = teacherNames.flatMap((name) =>
        tokenTypes.map((type) => tf.mean(perToken[name]?.[type] ?? tf.scalar(0)))
      );
      return {
        value: loss,
        others: {
          perType: tf.stack(perType),
          perTeacher: tf.mean(matrix, 0),
          shares,
          // Absent rather than undefined: a tree of tensors.
          ...averages && { averages },
          ...weight && { weight },
        },
      };
    },
    tensors.parameters,
    config.layout,
    (name) => config.optimizer.rates?.(name) === 0,
  );
  const { perType, perTeacher, shares, averages, weight } = others;
  return {
    ...{ gradients: gradient, weight },
    // Absent rather than undefined: a tree of tensors.
    ...averages && { averages },
    report: tf.concat1d([value.as1D(), perType.as1D(), perTeacher.as1D(), shares]),
  };
}

/** Numbers of a step that its statistics depend on. */
export type StatisticsInputs = Pick<GradientInputs, "standardizerWeight" | "activeTeachers">;

/** The statistics that a batch is standardised by, and those of the next step. */
export function statisticsAround(
  targets: Targets,
  statistics: Statistics,
  inputs: StatisticsInputs,
  config: Pick<StepConfig, "standardizer" | "student" | "leastDeviation">,
): { before: Statistics; after: Statistics } {
  const { standardizer } = config;
  if (standardizer !== "ema" && standardizer !== "batch") {
    return { before: statistics, after: statistics };
  }
  return statisticsWith(batchStatistics(targets), statistics, inputs, config);
}

/** The same, where the statistics of the batch itself, without a least deviation, are known. */
export function statisticsWith(
  ofBatch: Statistics,
  statistics: Statistics,
  { standardizerWeight, activeTeachers }: StatisticsInputs,
  { standardizer, student, leastDeviation = 0 }: Parameters<typeof statisticsAround>[3],
): { before: Statistics; after: Statistics } {
  const floored = floorDeviations(ofBatch, leastDeviation);
  return {
    before: standardizer === "batch" ? floored : statistics,
    after: activeTeachers === undefined
      ? blendStatistics(statistics, floored, standardizerWeight)
      : Object.assign(
        {},
        ...student.ladder.teachers.map(({ name }, i) => {
          const isActive = tf.reshape<tf.Rank.R0>(tf.slice(activeTeachers, i, 1), []);
          const weight = tf.mul<tf.Scalar>(standardizerWeight, isActive);
          return blendStatistics({ [name]: statistics[name]! }, { [name]: floored[name]! }, weight);
        }),
      ),
  };
}

/**
 * Second half of a step: one AdamW update of the flat buffers. It is a function of its own because
 * it is bound by memory: fused by XLA it takes a tenth of the time that it takes op by op, whichever
 * way the gradients are best computed.
 */
export function distillUpdate(
  tensors: Pick<DistillTensors, "parameters" | "adam">,
  gradients: tf.Tensor1D,
  inputs: UpdateInputs,
  config: { readonly layout: Layout; readonly optimizer: StepConfig["optimizer"] },
): { parameters: tf.Tensor1D; adam: AdamState } {
  const { parameters, state } = adamW(
    tensors.parameters,
    gradients,
    tensors.adam,
    { learningRate: inputs.learningRate, step: inputs.update, norm: inputs.gradientNorm },
    { layout: config.layout, ...config.optimizer },
  );
  return { parameters, adam: state };
}

/** Measurements of a step, read from the vector that {@link distillGradients} returns. */
export interface StepMeasurements {
  /** The weighted loss that was minimised. */
  readonly loss: number;
  /** Means over the batch by teacher, of each token type that it has and of both. */
  readonly losses: { readonly [teacher: string]: TeacherMeasurements };
  /** Share of the loss coefficients that each teacher kept; they sum to 1. */
  readonly shares: { readonly [teacher: string]: number };
  /** L2 norm of the whole gradient, before it is limited. */
  readonly gradientNorm: number;
}

/** Losses of one teacher. */
type TeacherMeasurements = {
  readonly cls?: number | undefined;
  readonly patch?: number | undefined;
  readonly total: number;
};

/** Names the numbers of a report: loss, per teacher and type, per teacher, shares, gradient norm. */
export function readReport(
  values: ArrayLike<number>,
  teachers: readonly TeacherShape[],
): StepMeasurements {
  const at = (i: number): number => values[i] ?? NaN;
  const losses: Record<string, TeacherMeasurements> = {};
  const shares: Record<string, number> = {};
  const typesEnd = 1 + tokenTypes.length * teachers.length;
  teachers.forEach(({ name, tokens }, i) => {
    const perType = tokenTypes.flatMap((type, k) =>
      tokens.includes(type) ? [[type, at(1 + tokenTypes.length * i + k)]] : []
    );
    losses[name] = { ...Object.fromEntries(perType), total: at(typesEnd + i) };
    shares[name] = at(typesEnd + teachers.length + i);
  });
  return { loss: at(0), losses, shares, gradientNorm: at(typesEnd + 2 * teachers.length) };
}
