/** A run that was stopped, and the command line that goes on with it. */
import { UserError } from "../../errors/user_error.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { stageRecipes } from "../../recipe/stages/stage_recipes.ts";
import { recipePath, runPaths } from "../../runs/run_folder.ts";
import { zoo } from "../../teachers/zoo/zoo.ts";
import { programName } from "../program.ts";

/**
 * The folder of a run and the file of its recipe, with all its stages; undefined where the path is no folder.
 *
 * @throws {UserError} where the folder holds no run, or one that only a program can go on with.
 */
export async function stoppedRun(
  path: string,
): Promise<{ readonly folder: string; readonly recipe: string } | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info === undefined) {
    throw new UserError(
      `Cannot go on with "${path}": there is no such folder, and no recipe of that name. ` +
        `${programName()} runs lists the runs that there are.`,
    );
  }
  if (!info.isDirectory) return undefined;
  const paths = runPaths(path), { folder } = paths;
  const run = { folder, recipe: await recipePath(paths) };
  const stages = stageRecipes(await loadRecipe(run.recipe), folder);
  const given = stages.flatMap(({ recipe }) => recipe.teachers).find(({ name, checkpoint }) =>
    checkpoint === undefined && !zoo.some((entry) => entry.name === name)
  );
  if (given === undefined) return run;
  throw new UserError(
    `Cannot go on with "${run.folder}" from the command line: its teacher "${given.name}" is none ` +
      "of the package, a program gave it. Start that program again, with " +
      `distill(recipe, { folder: "${run.folder}", resume: true, teachers }).`,
  );
}

/** The command line that goes on with a run. */
export function resumeLine(folder: string): string {
  return `${programName()} distill --resume ${quoted(folder)}`;
}

/** A path as a shell takes it. */
export function quoted(path: string): string {
  return /^[\w./:@%+=,~\\-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
