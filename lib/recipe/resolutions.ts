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

/** A size, and how much of a run has it. */
export interface ResolutionShare {
  /** Height and width in pixels. */
  readonly size: number;
  /** Share of the steps, 0 to 1. */
  readonly share: number;
}

/**
 * The sizes of the student's images, the first first, with their shares of the steps. Without
 * `student.resolutions` there is one.
 */
export function resolutionShares(recipe: Pick<Recipe, "student" | "images">): ResolutionShare[] {
  const resolutions = resolutionsOf(recipe);
  const ends = resolutions.map((_, i) => endOf(resolutions, i, 1));
  return resolutions.map((one, i) => ({ size: sizeOf(one), share: ends[i]! - (ends[i - 1] ?? 0) }));
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
  const resolutions = resolutionsOf(recipe);
  return resolutions
    .map((one, i) => ({ size: sizeOf(one), until: Math.floor(endOf(resolutions, i, steps)) }))
    .filter(({ until }, i, phases) => until > (phases[i - 1]?.until ?? 0));
}

type Resolutions = NonNullable<Recipe["student"]["resolutions"]>;

function resolutionsOf(recipe: Pick<Recipe, "student" | "images">): Resolutions {
  return recipe.student.resolutions ?? [encoderConfigOf(recipe).imageSize];
}

/** Where one of them ends in a run of so many steps. */
function endOf(resolutions: Resolutions, i: number, steps: number): number {
  const one = resolutions[i]!, count = resolutions.length;
  if (i === count - 1) return steps;
  return typeof one === "number" ? steps * (i + 1) / count : steps * one.until;
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
