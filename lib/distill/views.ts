import type * as tf from "@tensorflow/tfjs";
import { augment, type AugmentationParameters } from "../images/augment.ts";
import { type Grid, resampleTokens, supervisedGrid } from "../nn/token_grid.ts";
import type { Targets } from "../standardizer.ts";
import type { Teacher } from "../teachers/teacher.ts";
import type { Distillation } from "./prepare.ts";

/**
 * One augmented view per image, which student and teachers alike see (paper appendix A).
 *
 * @returns a pure function of `pixels [batch, canvas, canvas, 3]` (0 to 255) and the drawn
 * parameters, to `[batch, size, size, 3]` in [0, 1]
 */
export function viewsOf(
  { augmentation: config }: Pick<Distillation, "augmentation">,
): (pixels: tf.Tensor4D, augmentation: AugmentationParameters) => tf.Tensor4D {
  return (pixels, augmentation) => augment(pixels, augmentation, config);
}

/** What every teacher says of views; each resizes and normalises them for itself. */
export function targetsOf(
  { teachers, student }: Pick<Distillation, "teachers" | "student">,
): (images: tf.Tensor4D) => Targets {
  return (images) =>
    Object.fromEntries(
      teachers.map((teacher) => [teacher.name, features(teacher, images, student.ladder.grid)]),
    );
}

/** A teacher's features where they are compared: a finer grid is averaged down to the student's. */
function features(teacher: Teacher, images: tf.Tensor4D, student: Grid): Targets[string] {
  const { cls, patch } = teacher.features(images);
  const grid = teacher.grid();
  return {
    ...(cls === undefined ? {} : { cls }),
    ...(patch === undefined
      ? {}
      : { patch: resampleTokens(patch, grid, supervisedGrid(student, grid)) }),
  };
}
