/** Chooses the recipe of a run without one, and keeps it where it can be read, changed and run again. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import type { ProgressLine } from "../../io/progress_line.ts";
import type { Recipe } from "../../recipe/options.ts";
import { applyOverrides } from "../../recipe/overrides.ts";
import { recipeSource } from "../../recipe/recipe_source.ts";
import { runPaths } from "../../runs/run_folder.ts";
import type { RunPlan } from "../../runs/run_plan.ts";
import { BudgetTooShort } from "../../training/budget/too_short.ts";
import { recipeFor } from "../../training/proposal/recipe_for.ts";
import { programName } from "../program.ts";
import type { RequestedProposal } from "./proposal_request.ts";
import { checkRecipeRun } from "./run_recipe.ts";

/**
 * Times the teachers and chooses, shows what was chosen, and looks at everything that the run will need.
 *
 * @throws {UserError} for too few images, networks that cannot be opened, and settings that do not fit
 */
export async function proposeRun(
  { request, source }: RequestedProposal,
  { folder, settings, line }: {
    readonly folder: string;
    readonly settings: readonly string[];
    readonly line: ProgressLine;
  },
): Promise<Recipe> {
  const { images, ...options } = request;
  const chosen = await recipeFor(images, { ...options, source, onWork: line.work });
  chosen.plan.forEach((text) => line.notice(text));
  const recipe = applyOverrides(chosen.recipe, settings);
  await checkRecipeRun(recipe, { folder, resume: false });
  return recipe;
}

/**
 * Runs a proposed recipe. Where its first steps show that the minutes are not enough for a pass, since the machine
 * is slower than it was when the teachers were timed, it is run again with as many images as fit.
 *
 * @param run runs a recipe
 * @throws {BudgetTooShort} where not even two batches fit
 */
export async function runWithinMinutes<T>(
  recipe: Recipe,
  run: (recipe: Recipe) => Promise<T>,
  onNote: (line: string) => void,
): Promise<T> {
  try {
    return await run(recipe);
  } catch (error) {
    if (!(error instanceof BudgetTooShort)) throw error;
    const { batchSize } = recipe.optimization;
    // A tenth less, lest the second measuring find it too much again.
    const images = batchSize * Math.floor(0.9 * error.images / batchSize);
    if (images < 2 * batchSize) throw error;
    onNote(`one pass over all images does not fit: ${images} of them are seen, drawn by the seed`);
    return await runWithinMinutes(
      applyOverrides(recipe, [`images.subset.images=${images}`]),
      run,
      onNote,
    );
  }
}

/** Writes the recipe with the steps and views that were planned: run again, it comes to the same end. */
export async function keepRecipeSource(
  folder: string,
  recipe: Recipe,
  plan: RunPlan | undefined,
): Promise<void> {
  const planned = plan === undefined ? recipe : applyOverrides(recipe, [
    `optimization.steps=${plan.steps}`,
    ...plan.views === undefined ? [] : [`images.views=${plan.views}`],
  ]);
  const path = runPaths(folder).recipeSource;
  const comment = [
    "Chosen from the images, the teachers and the minutes; steps and views as they were planned.",
    "",
    `Again, with the same result: ${programName()} distill ${path} --run FOLDER`,
  ];
  await writeFileAtomic(path, recipeSource(planned, comment));
}
