import type * as tf from "@tensorflow/tfjs";
import { augment, type AugmentationParameters } from "../images/augment.ts";
import { type Grid, resampleTokens, supervisedGrid } from "../nn/token_grid.ts";
import type { Targets } from "../standardizer.ts";
import type { Teacher } from "../teachers/teacher.ts";
import type { Distillation } from "./prepare.ts";
import type { DistillBatch } from "./step.ts";

/**
 * One augmented view per image and what every teacher says of it. Student and teachers see the same
 * view (paper appendix A); each teacher resizes and normalises it for itself.
 *
 * @returns a pure function of `pixels [batch, canvas, canvas, 3]` (0 to 255) and the drawn parameters
 */
export function viewsOf(
  { teachers, student, augmentation: config }: Distillation,
): (pixels: tf.Tensor4D, augmentation: AugmentationParameters) => DistillBatch {
  return (pixels, augmentation) => {
    const images = augment(pixels, augmentation, config);
    const targets = Object.fromEntries(
      teachers.map((teacher) => [teacher.name, targetsOf(teacher, images, student.ladder.grid)]),
    );
    return { images, targets };
  };
}

/** A teacher's features where they are compared: a finer grid is averaged down to the student's. */
export function targetsOf(teacher: Teacher, images: tf.Tensor4D, student: Grid): Targets[string] {
  const { cls, patch } = teacher.features(images);
  const grid = teacher.grid();
  return {
    ...(cls === undefined ? {} : { cls }),
    ...(patch === undefined
      ? {}
      : { patch: resampleTokens(patch, grid, supervisedGrid(student, grid)) }),
  };
}
