/**
 * A step whose gradient is summed up from parts of its batch, one after the other, so that the activations of
 * one part at a time are there. Statistics, order, drops and normalisation are those of the whole batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../errors/user_error.ts";
import { keptOfImages } from "../nn/kept_tokens.ts";
import { gradientNorm } from "../tensors/adamw.ts";
import type { Statistics } from "./standardizers/statistics.ts";
import {
  type DistillBatch,
  type DistillGradients,
  type DistillTensors,
  type GradientInputs,
  lossGradients,
  type StepConfig,
} from "./step.ts";

/** What is summed up over the parts of a batch. */
export type GradientSums = {
  /** `[size]`, gradients by their weights. */
  readonly gradients: tf.Tensor1D;
  /** Loss and shares by their weights, means per teacher and type as they are. */
  readonly report: tf.Tensor1D;
  /** The weights. */
  readonly weight: tf.Scalar;
};

/** Inputs of the gradient of a part. */
export type PartInputs = Omit<GradientInputs, "standardizerWeight">;

/** Sums over no part. */
export function initSums(
  { layout, student }: Pick<StepConfig, "layout" | "student">,
): GradientSums {
  const teachers = student.ladder.teachers.length;
  return {
    // Filled by the engine: `tf.zeros` would make them on the host, and copy them.
    gradients: tf.fill([layout.size], 0),
    report: tf.zeros([1 + 4 * teachers]),
    weight: tf.scalar(0),
  };
}

/**
 * One of the equal parts of a batch, and of what was drawn for it.
 *
 * @param part counted from 0
 */
export function partOfBatch(
  batch: DistillBatch,
  inputs: GradientInputs,
  { part, parts }: { readonly part: number; readonly parts: number },
): { readonly batch: DistillBatch; readonly inputs: PartInputs } {
  const images = batch.images.shape[0], count = images / parts, first = part * count;
  const rows = <T extends tf.Tensor>(x: T, each = 1, from = 0): T =>
    tf.slice(x, [from + first * each], [count * each]) as T;
  const { dropUniforms, dropProbability, dropPath, kept, activeTeachers } = inputs;
  const [depth, branches] = dropPath.shape;
  // One row for each image; below them, where patches have their own, those of the patches of each.
  const ofPatches = dropUniforms.shape[0] / images - 1;
  const uniforms = ofPatches === 0
    ? rows(dropUniforms)
    : tf.concat2d([rows(dropUniforms), rows(dropUniforms, ofPatches, images)], 0);
  return {
    batch: {
      images: rows(batch.images),
      targets: Object.fromEntries(
        Object.entries(batch.targets).map(([name, tokens]) => [
          name,
          Object.fromEntries(Object.entries(tokens).map(([type, x]) => [type, rows(x)])),
        ]),
      ),
    },
    inputs: {
      dropUniforms: uniforms,
      // Copies, so that all of a part belongs to the caller.
      dropProbability: tf.clone(dropProbability),
      dropPath: tf.slice(dropPath, [0, 0, first], [depth, branches, count]),
      // Absent rather than undefined: a tree of tensors.
      ...kept && { kept: keptOfImages(kept, first, count) },
      ...activeTeachers && { activeTeachers: tf.clone(activeTeachers) },
    },
  };
}

/**
 * One part by its weight.
 *
 * @param before statistics that the whole batch is standardised by
 * @throws {UserError} where the balancing depends on the losses of the whole batch
 */
export function weighedPart(
  tensors: Pick<DistillTensors, "parameters">,
  batch: DistillBatch,
  before: Statistics,
  inputs: PartInputs,
  config: StepConfig,
): GradientSums {
  const { gradients, report, weight } = lossGradients(tensors, batch, before, inputs, config);
  if (weight === undefined) throw ofWholeBatches(config.balancing.kind);
  return {
    gradients: tf.mul(gradients, weight),
    report: tf.mul(report, reportFactors(weight, tf.scalar(1), config)),
    weight,
  };
}

/**
 * The sums with one more part. The loss of a batch is the mean of the losses of its parts, each weighed by the
 * pairs of image and teacher that it keeps, and so is the gradient.
 */
export function addPart(sums: GradientSums, part: GradientSums): GradientSums {
  return {
    gradients: tf.add(sums.gradients, part.gradients),
    report: tf.add(sums.report, part.report),
    weight: tf.add(sums.weight, part.weight),
  };
}

/** Gradient and report of the batch whose parts were summed up. */
export function finishSums(
  { gradients, report, weight }: GradientSums,
  parts: number,
  config: Pick<StepConfig, "student">,
): Pick<DistillGradients, "gradients" | "report"> {
  const inverse = tf.div<tf.Scalar>(1, weight);
  const mean = tf.mul<tf.Tensor1D>(gradients, inverse);
  const means = tf.mul<tf.Tensor1D>(report, reportFactors(inverse, tf.scalar(1 / parts), config));
  return { gradients: mean, report: tf.concat1d([means, gradientNorm(mean).as1D()]) };
}

/** Factors of a report: of the loss, of the means per teacher and type, of the shares. */
export function reportFactors(
  weight: tf.Scalar,
  ofMeans: tf.Scalar,
  { student }: Pick<StepConfig, "student">,
): tf.Tensor1D {
  const teachers = student.ladder.teachers.length;
  return tf.concat1d([
    weight.as1D(),
    tf.broadcastTo(ofMeans, [3 * teachers]) as tf.Tensor1D,
    tf.broadcastTo(weight, [teachers]) as tf.Tensor1D,
  ]);
}

function ofWholeBatches(kind: string): UserError {
  return new UserError(
    `Cannot sum up the gradient of a batch from parts: the weights of balancing "${kind}" follow from ` +
      'the losses of the whole batch. Choose "optimization.accumulate": 1, or another balancing',
  );
}
