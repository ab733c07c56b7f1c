/** The student of a run whose images rise in size, in the steps of one of its sizes. */
import type { ImageInput } from "../method/encoder_input.ts";
import type { StudentConfig } from "../method/student.ts";
import { resolutionAt } from "../recipe/resolutions.ts";
import { studentAtSize, studentInputOf } from "../recipe/student_config.ts";
import type { TrainingSetup } from "./setup.ts";

/** A student and the images that it takes. */
export interface SizedStudent {
  readonly student: StudentConfig;
  readonly input: ImageInput;
}

/** The student of a run for images of a size. Default: its own. */
export function studentOf(
  { recipe, student }: Pick<TrainingSetup, "recipe" | "student">,
  size?: number,
): SizedStudent {
  const input = studentInputOf(recipe);
  if (size === undefined || size === input.size) return { student, input };
  return { student: studentAtSize(recipe, student, size), input: { ...input, size } };
}

/** Height and width in pixels of the student's images at a step, counted from 0. */
export function sizeAtStep(
  { recipe, plan }: Pick<TrainingSetup, "recipe" | "plan">,
  step: number,
): number {
  return resolutionAt(recipe, plan.steps, step);
}

/** The setup of a run all of whose steps see images of one size. */
export function withSize(setup: TrainingSetup, size: number): TrainingSetup {
  const { recipe } = setup;
  if (recipe.student.resolutions === undefined) return setup;
  return { ...setup, recipe: { ...recipe, student: { ...recipe.student, resolutions: [size] } } };
}

/** A line at a change of size, for people; undefined where a step sees what the one before it saw. */
export function resolutionLine(
  setup: Pick<TrainingSetup, "recipe" | "plan">,
  step: number,
): string | undefined {
  const size = sizeAtStep(setup, step);
  if (step === 0 || step >= setup.plan.steps || size === sizeAtStep(setup, step - 1)) {
    return undefined;
  }
  return `step ${step}: the student's images have ${size} px from here on`;
}
