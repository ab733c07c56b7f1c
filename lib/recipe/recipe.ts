/** Experiments as values: typed, validated, complete and immutable. */
import { UserError } from "../errors/user_error.ts";
import { describeIssues } from "./schema_errors.ts";
import { contradictions } from "./consistency.ts";
import { recipeSchema } from "./schema.ts";
import { stageProblems } from "./stages/stage_problems.ts";
import type { Recipe } from "./options.ts";
import type { RecipeInput } from "./input.ts";

/**
 * Checks a recipe and fills in the reference's defaults (paper appendix A). The result is frozen
 * and may be given to `defineRecipe` again.
 *
 * @throws {UserError} listing every unknown option, with the nearest known ones, every value out
 * of range, and options that contradict each other.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "data/images/mnist-t10k.zip", split: "train" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * if (recipe.balancing.probability !== 0.5) throw new Error("The default is the paper's");
 * ```
 */
export function defineRecipe(input: RecipeInput): Recipe {
  return parseRecipe(input);
}

/**
 * {@linkcode defineRecipe} for values of unknown type, such as parsed JSON.
 *
 * @throws {UserError} as `defineRecipe`.
 *
 * @example
 * ```ts
 * import { UserError } from "@hashigo/hashigo";
 * import { parseRecipe } from "./recipe.ts";
 * try {
 *   parseRecipe({ nmae: "digits" });
 * } catch (error) {
 *   if (!(error instanceof UserError)) throw error;
 * }
 * ```
 */
export function parseRecipe(input: unknown): Recipe {
  const result = recipeSchema.safeParse(input, { reportInput: true });
  const problems = result.success
    ? [...contradictions(result.data), ...stageProblems(result.data)]
    : describeIssues(result.error.issues, recipeSchema);
  if (!result.success || problems.length > 0) {
    throw new UserError(
      `Cannot use recipe${quotedName(input)}:\n${
        problems.map((line) => `  - ${line}`).join("\n")
      }\n` +
        "Correct the options above and run again.",
    );
  }
  const recipe: Recipe = result.data;
  return freeze(recipe);
}

function quotedName(input: unknown): string {
  if (typeof input !== "object" || input === null || !("name" in input)) return "";
  return typeof input.name === "string" ? ` "${input.name}"` : "";
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}
