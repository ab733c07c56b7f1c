import * as tf from "@tensorflow/tfjs";
import { valueAndGradients } from "../gradients.ts";
import { lossesPerTeacher } from "../losses.ts";
import { type AdamState, adamW } from "../optimizer.ts";
import type { Layout } from "../parameters.ts";
import { standardize, type Statistics, type Targets, updateStatistics } from "../standardizer.ts";
import { student, type StudentConfig, type StudentParameters } from "../student.ts";
import { teacherDropCoefficients } from "../teacher_drop.ts";

/** Everything on the engine that a step changes. Scalars that follow from the step number do not belong here. */
export type DistillTensors = {
  /** Student encoder and ladder, one flat buffer in the order of the layout, `[size]`. */
  readonly parameters: tf.Tensor1D;
  readonly adam: AdamState;
  readonly statistics: Statistics;
};

/** One batch as the student sees it, and what its teachers said of it. */
export type DistillBatch = {
  /** `[batch, height, width, 3]` in [0, 1]. */
  readonly images: tf.Tensor4D;
  /** Raw teacher features on the supervised grids. */
  readonly targets: Targets;
};

/** Numbers drawn or computed on the host, so that a step can be replayed exactly. */
export type StepInputs = {
  /** `[batch, teachers]` in [0, 1): a teacher is dropped where this is below the probability. */
  readonly dropUniforms: tf.Tensor2D;
  /** `[depth, 2, batch]` multipliers of the residual branches. */
  readonly dropPath: tf.Tensor3D;
  readonly learningRate: tf.Scalar;
  /** 1-based number of this update, for Adam's bias correction. */
  readonly update: tf.Scalar;
  /** Weight of this batch in the running statistics. */
  readonly standardizerWeight: tf.Scalar;
};

/** The constants of a step. */
export interface StepConfig {
  readonly student: StudentConfig;
  readonly layout: Layout;
  readonly normalization: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly teacherDrop: {
    readonly probability: number;
    readonly normalization: "matrix" | "image";
  };
  readonly optimizer: {
    readonly weightDecay: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly maximumGradientNorm?: number | undefined;
  };
}

/**
 * One UNIC training step as a pure function (paper sections 3.1 to 3.5): standardise the teachers'
 * features with the statistics from before this batch, predict them through the ladder, measure,
 * drop teachers, differentiate, update parameters and statistics.
 *
 * @returns the new tensors and `report`, a vector that {@link readReport} names
 */
export function distillStep(
  tensors: DistillTensors,
  batch: DistillBatch,
  inputs: StepInputs,
  config: StepConfig,
): { tensors: DistillTensors; report: tf.Tensor1D } {
  const teacherNames = config.student.ladder.teachers.map((teacher) => teacher.name);
  const targets = standardize(batch.targets, tensors.statistics);
  const images = tf.div(
    tf.sub(batch.images, tf.tensor1d([...config.normalization.mean])),
    tf.tensor1d([...config.normalization.std]),
  ) as tf.Tensor4D;

  const { loss, auxiliary, gradients } = valueAndGradients(
    (parameters) => {
      const predictions = student(parameters as StudentParameters, images, config.student, {
        dropPath: inputs.dropPath,
      });
      const { matrix, perToken } = lossesPerTeacher(predictions, targets, teacherNames);
      const coefficients = teacherDropCoefficients(matrix, inputs.dropUniforms, config.teacherDrop);
      const loss = tf.sum(tf.mul(coefficients, matrix)) as tf.Scalar;
      const none = tf.tensor1d([0]);
      const perTeacher = teacherNames.flatMap((name, i) => [
        tf.reshape(tf.mean(perToken[name]?.cls ?? none), [1]),
        tf.reshape(tf.mean(perToken[name]?.patch ?? none), [1]),
        tf.reshape(tf.mean(tf.slice(matrix, [0, i], [-1, 1])), [1]),
        tf.reshape(tf.sum(tf.slice(coefficients, [0, i], [-1, 1])), [1]),
      ]);
      return { loss, auxiliary: [tf.concat(perTeacher)] };
    },
    tensors.parameters,
    config.layout,
  );
  const updated = adamW(
    tensors.parameters,
    gradients,
    tensors.adam,
    { learningRate: inputs.learningRate, step: inputs.update },
    { layout: config.layout, ...config.optimizer },
  );
  return {
    tensors: {
      parameters: updated.parameters,
      adam: updated.state,
      statistics: updateStatistics(tensors.statistics, batch.targets, inputs.standardizerWeight),
    },
    report: tf.concat([
      tf.reshape(loss, [1]),
      tf.reshape(updated.gradientNorm, [1]),
      auxiliary[0] as tf.Tensor1D,
    ]) as tf.Tensor1D,
  };
}

/** What a step says of itself, read from the vector that {@link distillStep} returns. */
export interface StepMeasurements {
  readonly loss: number;
  readonly gradientNorm: number;
  readonly losses: Readonly<Record<string, { cls?: number; patch?: number; total: number }>>;
  /** Share of the loss coefficients that each teacher kept; they sum to 1. */
  readonly shares: Readonly<Record<string, number>>;
}

/** Names the numbers of a report vector; pure. */
export function readReport(
  values: ArrayLike<number>,
  teachers: StudentConfig["ladder"]["teachers"],
): StepMeasurements {
  const at = (i: number): number => values[i] ?? NaN;
  const losses: Record<string, { cls?: number; patch?: number; total: number }> = {};
  const shares: Record<string, number> = {};
  teachers.forEach((teacher, i) => {
    const start = 2 + 4 * i;
    losses[teacher.name] = {
      ...(teacher.tokens.includes("cls") ? { cls: at(start) } : {}),
      ...(teacher.tokens.includes("patch") ? { patch: at(start + 1) } : {}),
      total: at(start + 2),
    };
    shares[teacher.name] = at(start + 3);
  });
  return { loss: at(0), gradientNorm: at(1), losses, shares };
}
