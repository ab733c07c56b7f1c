/** The stages of a run whose recipe has some: what is kept of them, and how far they have come. */
import { writeFileAtomic } from "../io/atomic_file.ts";
import { loadRecipe } from "../recipe/load.ts";
import type { Recipe } from "../recipe/options.ts";
import { stageFolders } from "../recipe/stages/stage_input.ts";
import { stageRecipes } from "../recipe/stages/stage_recipes.ts";
import { runPaths } from "./run_folder.ts";
import { lastReport } from "./step_log.ts";

/** How far a stage has come. */
export interface StageState {
  /** Its name. */
  readonly name: string;
  /** Folder of its run. */
  readonly folder: string;
  /** Whether it has its student. */
  readonly finished: boolean;
  /** Updates done. */
  readonly step: number;
  /** Updates in all; undefined before the first. */
  readonly steps?: number | undefined;
  /** Seconds of training so far. */
  readonly seconds: number;
  /** Loss of the last update; undefined before the first. */
  readonly loss?: number | undefined;
}

/** Keeps the recipe with all its stages beside that of the last of them. */
export async function storeStages(folder: string, recipe: Recipe): Promise<void> {
  await writeFileAtomic(runPaths(folder).stages, JSON.stringify(recipe, null, 2) + "\n");
}

/**
 * The stages of a run in order; none of a run without stages.
 *
 * @throws {UserError} where its `stages.json` is no recipe
 *
 * @example
 * ```ts
 * import { stageStates } from "./stage_states.ts";
 * if ((await stageStates("runs/absent")).length > 0) throw new Error("There is no run");
 * ```
 */
export async function stageStates(folder: string): Promise<StageState[]> {
  const paths = runPaths(folder);
  if (!await exists(paths.stages)) return [];
  const { stages = [] } = await loadRecipe(paths.stages);
  const folders = stageFolders(stages, paths.folder);
  return await Promise.all(stages.map(async ({ name }, i) => {
    const { log, result } = runPaths(folders[i]!), report = await lastReport(log);
    return {
      ...{ name, folder: folders[i]!, finished: await exists(result) },
      ...{ step: report?.step ?? 0, steps: report?.steps },
      ...{ seconds: report?.seconds ?? 0, loss: report?.loss },
    };
  }));
}

/**
 * The recipe of a run, with the teachers of all its stages where it has some: what its student is measured
 * beside. A teacher of several stages is as the last of them had it.
 *
 * @throws {UserError} where the folder holds no run
 */
export async function recipeWithAllTeachers(folder: string): Promise<Recipe> {
  const paths = runPaths(folder), recipe = await loadRecipe(paths.recipe);
  if (!await exists(paths.stages)) return recipe;
  const whole = await loadRecipe(paths.stages);
  const before = stageRecipes(whole, paths.folder).slice(0, -1)
    .flatMap(({ recipe: { teachers } }) => teachers);
  const teachers = new Map([...before, ...recipe.teachers].map((one) => [one.name, one]));
  return { ...recipe, teachers: [...teachers.values()] };
}

/** The stage that is trained now or comes next; the last one of a run that has finished. */
export function currentStage(stages: readonly StageState[]): StageState | undefined {
  return stages.find(({ finished }) => !finished) ?? stages.at(-1);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
