/** Whether a recipe can be trained by several processes, before any of them starts. */
import { UserError } from "../../errors/user_error.ts";
import type { Recipe } from "../../recipe/options.ts";
import { stageRecipes } from "../../recipe/stages/stage_recipes.ts";

/** What several processes cannot share yet, and what to do instead. */
const refusals: readonly {
  readonly what: string;
  readonly holds: (recipe: Recipe) => boolean;
  readonly instead: string;
}[] = [
  {
    what: "balancing.kind=ada_loss, whose weights follow from the losses of the whole batch",
    holds: ({ balancing }) => balancing.kind === "ada_loss",
    instead: "Set balancing.kind=teacher_drop",
  },
  {
    what: "balancing.level=patch, which divides each type of token by a number of the whole batch",
    holds: ({ balancing: { level, normalization } }) =>
      level === "patch" && normalization === "matrix",
    instead: "Set balancing.normalization=image, or balancing.level=image",
  },
];

/**
 * Refuses a recipe that so many processes cannot share, or of which they cannot share a stage.
 *
 * @throws {UserError} where the batch has no so many equal parts, or the recipe asks for what only one process
 * can do
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { checkProcesses } from "./check_processes.ts";
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * checkProcesses(recipe, 4);
 * ```
 */
export function checkProcesses(recipe: Recipe, processes: number): void {
  for (const stage of stageRecipes(recipe, `runs/${recipe.name}`)) {
    const of = recipe.stages === undefined ? "" : `stage "${stage.name}" of `;
    checkRun(stage.recipe, processes, `Cannot share ${of}recipe "${recipe.name}"`);
  }
}

function checkRun(recipe: Recipe, processes: number, sharing: string): void {
  const { batchSize, accumulate = 1 } = recipe.optimization;
  const attempt = `${sharing} among ${processes} processes`;
  if (batchSize % processes !== 0) {
    const divisors = Array.from({ length: batchSize }, (_, i) => i + 1)
      .filter((count) => batchSize % count === 0);
    throw new UserError(
      `${attempt}: its batch of ${batchSize} images has no ${processes} equal parts, expected one of ` +
        `${
          divisors.join(", ")
        } processes. Choose one of these, or set optimization.batchSize to a ` +
        `multiple of ${processes}`,
    );
  }
  const part = batchSize / processes;
  if (part % accumulate !== 0) {
    throw new UserError(
      `${attempt}: ${part} images of each have no ${accumulate} equal parts, expected a divisor of ${part} ` +
        "as optimization.accumulate. Choose one, or fewer processes",
    );
  }
  for (const { what, holds, instead } of refusals) {
    if (!holds(recipe)) continue;
    throw new UserError(
      `${attempt}: it has ${what}, expected none. ${instead}, or run one process`,
    );
  }
}
