/** The arithmetic of a student over the steps of a run. */
import { resolutionPhases } from "../../recipe/resolutions.ts";
import { studentOf } from "../resolution.ts";
import type { TrainingSetup } from "../setup.ts";
import { frozenOperations, studentOperations } from "./student_operations.ts";

/** Forward pass, and twice that for the gradient. */
const passes = 3;

/** Steps that see images of one size. */
export interface SizedSteps {
  /** Height and width in pixels. */
  readonly size: number;
  readonly steps: number;
}

/** The sizes of the student's images in the last steps of a run, and how many of these each has. */
export function sizesAhead(
  { recipe, plan }: Pick<TrainingSetup, "recipe" | "plan">,
  stepsLeft: number,
): SizedSteps[] {
  let begin = plan.steps - stepsLeft;
  return resolutionPhases(recipe, plan.steps).flatMap(({ size, until }) => {
    const steps = until - begin;
    if (steps <= 0) return [];
    begin = until;
    return [{ size, steps }];
  });
}

/** Floating-point operations of the student with its projectors in these steps. */
export function operationsOfSteps(setup: TrainingSetup, sizes: readonly SizedSteps[]): number {
  const { recipe, plan, images } = setup, { batchSize } = recipe.optimization;
  // The frozen stages see each kept view once at each size.
  const once = recipe.featureCache ? (plan.views ?? 1) * images.count : Infinity;
  return sizes.reduce((sum, { size, steps }) => {
    const { student } = studentOf(setup, size), seen = batchSize * steps;
    return sum + passes * studentOperations(student, size) * seen +
      frozenOperations(student, size) * Math.min(seen, once);
  }, 0);
}
