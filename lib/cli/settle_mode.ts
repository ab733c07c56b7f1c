/** How a run of a recipe that leaves it open is compiled: as it was begun, or as `tune` found fastest here. */
import { fastestWay, readTuning, wayText } from "../engine/tuning/tuning.ts";
import { UserError } from "../errors/user_error.ts";
import { flagVariable } from "../engine/tuning/use_flags.ts";
import { loadRecipe } from "../recipe/load.ts";
import type { Recipe } from "../recipe/options.ts";
import { recipePath, runPaths } from "../runs/run_folder.ts";

/**
 * The recipe with its mode settled. One that names a mode or flags of XLA is left as it is, and so is the
 * precision of any: what changes is speed. The run keeps the outcome in its recipe, from which it is resumed.
 *
 * @param options folder of the run; resume: whether a run that is there is gone on with; onNote: gets a line
 * where something measured is taken; tunings: their folder, default the user's cache
 */
export async function settleMode(
  recipe: Recipe,
  { folder, resume, onNote, tunings }: {
    readonly folder: string;
    readonly resume: boolean;
    readonly onNote: (line: string) => void;
    readonly tunings?: string | undefined;
  },
): Promise<Recipe> {
  if (recipe.mode !== "auto" || recipe.xlaFlags !== undefined) return recipe;
  const begun = resume ? await begunRecipe(folder) : undefined;
  if (begun !== undefined) {
    const { mode, xlaFlags } = begun;
    return { ...recipe, mode, ...xlaFlags !== undefined && { xlaFlags } };
  }
  const { precision } = recipe;
  // Flags that the user set are not those that were measured.
  if (precision === "tf32" || Deno.env.get(flagVariable) !== undefined) return recipe;
  const tuning = await readTuning(recipe.student.kind ?? "transformer", tunings)
    .catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      onNote(`warning: ${error.message}`); // The run goes on as usual: only speed is lost.
    });
  const way = tuning && fastestWay(tuning.trials, precision);
  if (tuning === undefined || way === undefined) return recipe;
  onNote(`mode: ${wayText(way)}, the fastest here by deno task tune of ${tuning.date}`);
  const { mode, flags } = way;
  return { ...recipe, mode, ...flags !== "plain" && { xlaFlags: flags } };
}

async function begunRecipe(folder: string): Promise<Recipe | undefined> {
  const path = await recipePath(runPaths(folder));
  const begun = await Deno.stat(path).then(() => true, () => false);
  return begun ? await loadRecipe(path) : undefined;
}
