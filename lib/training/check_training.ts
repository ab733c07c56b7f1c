/** Whether a recipe can be trained, as far as that is known before its images are decoded. */
import { checkSource } from "../images/sources/check_source.ts";
import type { Recipe } from "../recipe/options.ts";
import { checkBackbone } from "../teachers/check_backbone.ts";

/**
 * Refuses a recipe whose images or teachers are not there. It opens nothing and makes nothing.
 *
 * @param options openTeachers: whether teachers are opened by their names, default true
 * @throws {UserError} with the nearest names
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { checkTraining } from "./check_training.ts";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "data/images/digits.zip", split: "train" }], size: 32 },
 *   teachers: ["specialist_digit"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const refused = await checkTraining(recipe).then(() => "", String);
 * if (!refused.includes("Did you mean specialist_digits?")) throw new Error("Nearly a name");
 * ```
 */
export async function checkTraining(
  recipe: Recipe,
  { openTeachers = true }: { readonly openTeachers?: boolean | undefined } = {},
): Promise<void> {
  for (const source of recipe.images.sources) {
    if ("path" in source) await checkSource(source.path);
  }
  if (openTeachers) {
    for (const teacher of recipe.teachers) await checkBackbone(teacher);
  }
}
