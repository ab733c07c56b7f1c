/** The recipes of the stages of a recipe, each of a run of its own. */
import type { Recipe } from "../options.ts";
import { parseRecipe } from "../recipe.ts";
import { type StageInput, stageInputs } from "./stage_input.ts";

/** A stage: its run folder and its recipe, which has no stages. */
export interface Stage extends Omit<StageInput, "input"> {
  /** Every option filled in. */
  readonly recipe: Recipe;
}

/**
 * The stages of a recipe in order, each as a recipe; one without stages is its only one.
 *
 * @param folder of the whole run, inside which those before the last lie
 * @throws {UserError} where a stage is none, which {@linkcode parseRecipe} has seen before
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { stageRecipes } from "./stage_recipes.ts";
 * const recipe = defineRecipe({
 *   name: "proxy",
 *   images: { sources: [{ path: "photos" }], size: 32 },
 *   teachers: ["specialist_digits", "resnet20_cifar10"],
 *   student: { width: 32, depth: 2, heads: 2, patchSize: 8 },
 *   optimization: { batchSize: 64, steps: 100 },
 *   stages: [
 *     { name: "wide", student: { width: 128, heads: 4 } },
 *     { name: "small", teachers: ["previous"] },
 *   ],
 * });
 * const [wide, small] = stageRecipes(recipe, "runs/proxy");
 * if (wide?.folder !== "runs/proxy/stages/wide" || small?.folder !== "runs/proxy") throw new Error();
 * if (small.recipe.teachers[0]?.checkpoint !== "student:runs/proxy/stages/wide") throw new Error();
 * ```
 */
export function stageRecipes(recipe: Recipe, folder: string): Stage[] {
  const whole = {
    name: recipe.name,
    ...{ folder, recipe, startsFromPrevious: false, learnsFromPrevious: false },
  };
  if (recipe.stages === undefined) return [whole];
  return stageInputs(recipe, folder)
    .map(({ input, ...stage }) => ({ ...stage, recipe: parseRecipe(input) }));
}
