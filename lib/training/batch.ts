import * as tf from "@tensorflow/tfjs";
import { type AugmentationParameters, augmentationTensors } from "../augmentation/augment.ts";
import { drawAugmentations, type DrawnAugmentations } from "../augmentation/draw.ts";
import { uniformRows } from "../method/balancing.ts";
import { drawDropPath } from "../method/student.ts";
import type { TrainingSetup } from "./setup.ts";
import { type ScheduledNumbers, scheduledNumbers } from "../recipe/training_plan.ts";
import type { GradientInputs } from "../method/step.ts";

/** Everything that one step needs from the host, by address: (seed, step) gives it again, exactly. */
export interface HostBatch {
  readonly step: number;
  /** Which of an image's views is seen; the same for the whole batch. */
  readonly view: number;
  /** Positions in the images. */
  readonly indices: Uint32Array;
  /** `[batch, canvas, canvas, 3]`. */
  readonly pixels: Uint8Array;
  readonly augmentation: DrawnAugmentations;
  /** `[batch * rows, teachers]`. */
  readonly dropUniforms: Float32Array;
  /** `[depth, 2, batch]`. */
  readonly dropPath: Float32Array;
  readonly scheduled: ScheduledNumbers;
}

/** The same on the engine. */
export type BatchTensors = {
  readonly pixels: tf.Tensor4D;
  readonly augmentation: AugmentationParameters;
  readonly gradientInputs: GradientInputs;
  readonly learningRate: tf.Scalar;
};

/** Draws and reads the batch of a step, counted from 0. */
export function drawBatch(setup: TrainingSetup, step: number): HostBatch {
  const { recipe, images, teachers, student, plan, random, order } = setup;
  const { batchSize } = recipe.optimization;
  const [rows, columns] = student.ladder.grid;
  const drawn = batchSize * uniformRows(recipe.balancing, rows * columns);
  const { epoch, images: indices } = order.at(step);
  const { canvas } = images;
  const view = epoch % (recipe.images.views ?? Infinity);
  return {
    step,
    view,
    indices,
    pixels: images.read(indices),
    augmentation: drawAugmentations(setup.augmentation, canvas, random, {
      epoch: view,
      images: indices,
    }),
    dropUniforms: random.at("teacherDrop", step).uniform(drawn * teachers.length),
    dropPath: drawDropPath(student.encoder, batchSize, random.at("dropPath", step)),
    scheduled: scheduledNumbers(recipe, plan, step),
  };
}

/** Hands a batch to the engine; the caller disposes of it. */
export function uploadBatch(setup: TrainingSetup, batch: HostBatch): BatchTensors {
  const { images, teachers, student } = setup;
  const size = batch.indices.length;
  const { learningRate, standardizerWeight, dropProbability } = batch.scheduled;
  return {
    pixels: tf.tensor4d(Float32Array.from(batch.pixels), [size, images.canvas, images.canvas, 3]),
    augmentation: augmentationTensors(batch.augmentation),
    gradientInputs: {
      dropUniforms: tf.tensor2d(batch.dropUniforms, [
        batch.dropUniforms.length / teachers.length,
        teachers.length,
      ]),
      dropProbability: tf.scalar(dropProbability),
      dropPath: tf.tensor3d(batch.dropPath, [student.encoder.depth, 2, size]),
      standardizerWeight: tf.scalar(standardizerWeight),
    },
    learningRate: tf.scalar(learningRate),
  };
}
