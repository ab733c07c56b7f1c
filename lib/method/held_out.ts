/** Losses on images that the student does not learn from. */
import * as tf from "@tensorflow/tfjs";
import { unflatten } from "../tensors/parameters.ts";
import { lossesPerTeacher } from "./losses.ts";
import { standardize } from "./standardizers/standardizer.ts";
import { student } from "./student.ts";
import { type DistillBatch, type DistillTensors, type StepConfig } from "./step.ts";
import { encoderInput } from "./encoder_input.ts";
import { pickPredictions } from "./token_selection.ts";

/**
 * Loss of every image and teacher, `[batch, teachers]`: as in a step, but without dropping teachers or
 * residual branches, standardised by the running statistics, and without a gradient. Pure.
 */
export function heldOutLosses(
  tensors: Pick<DistillTensors, "parameters" | "statistics">,
  batch: DistillBatch,
  config: Pick<StepConfig, "student" | "layout" | "input" | "patchStride">,
): tf.Tensor2D {
  const parameters = unflatten(tensors.parameters, config.layout);
  const { statistics } = tensors;
  const images = encoderInput(batch.images, config);
  const predictions = student(parameters, images, config.student, { statistics });
  const compared = pickPredictions(predictions, config.student, config.patchStride ?? 1);
  const targets = standardize(batch.targets, statistics);
  const names = config.student.ladder.teachers.map(({ name }) => name);
  return lossesPerTeacher(compared, targets, names).matrix;
}
