/** The batch of a step: drawn and read on the host, then uploaded to the engine. */
import * as tf from "@tensorflow/tfjs";
import { type AugmentationParameters, augmentationTensors } from "../augmentation/augment.ts";
import type { Augmentation } from "../augmentation/augmentation.ts";
import { drawAugmentations, type DrawnAugmentations } from "../augmentation/draw.ts";
import type { ImagePack } from "../images/packs/pack_file.ts";
import { uniformRows } from "../method/balancing.ts";
import type { GradientInputs } from "../method/step.ts";
import { drawDropPath } from "../method/drop_path.ts";
import { type ScheduledNumbers, scheduledNumbers } from "../recipe/training_plan.ts";
import { drawKeptTokens, keptCount } from "../nn/kept_tokens.ts";
import type { RandomStream } from "../tensors/random.ts";
import { sizeAtStep, studentOf } from "./resolution.ts";
import { partOfDrawn } from "./processes/batch_part.ts";
import type { TrainingSetup } from "./setup.ts";

/** Images of a batch, and how their views are drawn from them. */
export interface HostImages {
  /** Positions in the images. */
  readonly indices: Uint32Array;
  /** `[batch, canvas, canvas, 3]`. */
  readonly pixels: Uint8Array;
  readonly augmentation: DrawnAugmentations;
}

/** Everything that one step needs from the host, by address: (seed, step) gives it again, exactly. */
export interface HostBatch extends HostImages {
  /** Counted from 0. */
  readonly step: number;
  /** Which of an image's views is seen; the same for the whole batch. */
  readonly view: number;
  /** Height and width in pixels of the images that the student takes. */
  readonly size: number;
  /** `[batch * rows, teachers]`. */
  readonly dropUniforms: Float32Array;
  /** `[depth, 2, batch]`. */
  readonly dropPath: Float32Array;
  /** The patches that the student sees, where some are masked. */
  readonly kept?: ReturnType<typeof drawKeptTokens> | undefined;
  readonly scheduled: ScheduledNumbers;
}

/** Images of a batch on the engine. */
export type ImageTensors = {
  /** `[batch, canvas, canvas, 3]`, 0 to 255. */
  readonly pixels: tf.Tensor4D;
  readonly augmentation: AugmentationParameters;
};

/** What a step takes beside its images and targets, on the engine. */
export type StepInputs = {
  readonly gradientInputs: GradientInputs;
  readonly learningRate: tf.Scalar;
};

/** Reads images and draws the parameters of one of their views. */
export function drawImages(
  { images, augmentation, random }: {
    readonly images: ImagePack;
    readonly augmentation: Augmentation;
    readonly random: RandomStream;
  },
  { indices, view }: { readonly indices: Uint32Array; readonly view: number },
): HostImages {
  return {
    indices,
    pixels: images.read(indices),
    augmentation: drawAugmentations(augmentation, images.canvas, random, {
      epoch: view,
      images: addressesOf(images, indices),
    }),
  };
}

/** Numbers by which views of the images at these positions are drawn. */
export function addressesOf({ addresses }: ImagePack, indices: Uint32Array): Uint32Array {
  return addresses === undefined ? indices : indices.map((index) => addresses[index]!);
}

/**
 * Draws the batch of a step, counted from 0, and reads its images; where the setup is of one process among
 * several, those of its part. Numbers are drawn for the whole batch, so that none depends on the part.
 */
export function drawBatch(setup: TrainingSetup, step: number): HostBatch {
  const { recipe, teachers, plan, random, order, part } = setup;
  const size = sizeAtStep(setup, step), { student } = studentOf(setup, size);
  const { batchSize } = recipe.optimization;
  const [rows, columns] = student.ladder.grid, tokens = rows * columns;
  const kept = keptCount(tokens, student.tokenMask);
  const drawnRows = batchSize * uniformRows(recipe.balancing, kept);
  const { epoch, images: indices } = order.at(step);
  const view = epoch % (plan.views ?? Infinity);
  const drawn = {
    indices,
    dropUniforms: random.at("teacherDrop", step).uniform(drawnRows * teachers.length),
    dropPath: drawDropPath(student.encoder, batchSize, random.at("dropPath", step)),
    ...kept < tokens &&
      { kept: drawKeptTokens({ batch: batchSize, tokens, kept }, random.at("tokenMask", step)) },
  };
  const own = part === undefined ? drawn : partOfDrawn(drawn, part, teachers.length);
  return {
    step,
    view,
    size,
    ...own,
    ...drawImages(setup, { indices: own.indices, view }),
    scheduled: scheduledNumbers(recipe, plan, step),
  };
}

/** Uploads images to the engine; the caller disposes of them. */
export function uploadImages(
  canvas: number,
  { indices, pixels, augmentation }: HostImages,
): ImageTensors {
  return {
    pixels: tf.tensor4d(Float32Array.from(pixels), [indices.length, canvas, canvas, 3]),
    augmentation: augmentationTensors(augmentation),
  };
}

/** Uploads what a step takes beside its images; the caller disposes of it. */
export function uploadStepInputs(
  { teachers }: Pick<TrainingSetup, "teachers">,
  batch: HostBatch,
): StepInputs {
  const { kept, scheduled: { learningRate, standardizerWeight, dropProbability } } = batch;
  const count = batch.indices.length;
  const byImage = (numbers: Int32Array) =>
    tf.tensor2d(numbers, [count, numbers.length / count], "int32");
  return {
    gradientInputs: {
      dropUniforms: tf.tensor2d(batch.dropUniforms, [
        batch.dropUniforms.length / teachers.length,
        teachers.length,
      ]),
      dropProbability: tf.scalar(dropProbability),
      dropPath: tf.tensor3d(batch.dropPath, [
        batch.dropPath.length / (2 * batch.indices.length),
        2,
        batch.indices.length,
      ]),
      standardizerWeight: tf.scalar(standardizerWeight),
      // Absent where all are seen: each key is an input of the compiled step.
      ...kept && { kept: { places: byImage(kept.places), rows: byImage(kept.rows) } },
    },
    learningRate: tf.scalar(learningRate),
  };
}
