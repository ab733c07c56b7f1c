/** The sizes of a student's images in the course of a run, where they rise. */
import type { Recipe } from "./options.ts";
import { encoderConfigOf } from "./student_config.ts";

/** Steps in a row in which a student's images have one size. */
export interface ResolutionPhase {
  /** Height and width in pixels. */
  readonly size: number;
  /** The first step of the next phase, counted from 0; of the last phase, the steps of the run. */
  readonly until: number;
}

/**
 * The phases of a run of so many steps, one after the other. Without `student.resolutions` there is one; a
 * very short run may have none of the smaller sizes, and always has the last.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { resolutionPhases } from "./resolutions.ts";
 * const recipe = defineRecipe({
 *   name: "rising",
 *   images: { sources: [{ path: "photos" }], size: 64 },
 *   teachers: ["mobilenet_v2_imagenet"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 8, resolutions: [32, 48, 64] },
 *   optimization: { batchSize: 64, steps: 900 },
 * });
 * const ends = resolutionPhases(recipe, 900).map(({ until }) => until);
 * if (ends.join() !== "300,600,900") throw new Error("Expected equal shares");
 * ```
 */
export function resolutionPhases(
  recipe: Pick<Recipe, "student" | "images">,
  steps: number,
): ResolutionPhase[] {
  const { resolutions = [encoderConfigOf(recipe).imageSize] } = recipe.student;
  const count = resolutions.length;
  return resolutions.map((one, i) => {
    if (i === count - 1) return { size: sizeOf(one), until: steps };
    const until = typeof one === "number" ? steps * (i + 1) / count : steps * one.until;
    return { size: sizeOf(one), until: Math.floor(until) };
  }).filter(({ until }, i, phases) => until > (phases[i - 1]?.until ?? 0));
}

/** Height and width in pixels of the student's images at a step, counted from 0, of a run of so many. */
export function resolutionAt(
  recipe: Pick<Recipe, "student" | "images">,
  steps: number,
  step: number,
): number {
  const phases = resolutionPhases(recipe, steps);
  return (phases.find(({ until }) => step < until) ?? phases.at(-1)!).size;
}

/** Height and width of one of the student's resolutions. */
export function sizeOf(resolution: number | { readonly size: number }): number {
  return typeof resolution === "number" ? resolution : resolution.size;
}
