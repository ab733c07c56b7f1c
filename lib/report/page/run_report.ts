/** The report of a run folder. */
import { readAnalysis } from "../../evaluation/analysis/analysis.ts";
import { readDeployment } from "../../evaluation/deployment/deployment.ts";
import { readEvaluation } from "../../evaluation/results.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { readLog } from "../../runs/step_log.ts";
import { readPictures } from "../../evaluation/pictures/pictures.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { readTargetStatistics } from "../../runs/target_statistics.ts";
import { UserError } from "../../errors/user_error.ts";
import type { ReportInput } from "./report_input.ts";
import { writeReport } from "./report.ts";

/**
 * Writes `report.html` of a run from its recipe, its log and, where there is one, its evaluation.
 * The run may still be going.
 *
 * @param options environment: machine, engine and versions, in words.
 * @returns the path of the page.
 * @throws {UserError} where the folder is no run, or has no log yet.
 *
 * @example
 * ```ts ignore
 * console.log(await reportRun("runs/demo"));
 * ```
 */
export async function reportRun(
  folder: string,
  options: { readonly environment?: string } = {},
): Promise<string> {
  const paths = runPaths(folder.replace(/[/\\]+$/, ""));
  if (!await Deno.stat(paths.recipe).then(() => true, () => false)) {
    throw new UserError(
      `Cannot report on "${folder}": found no recipe.json there, expected the folder of a run. ` +
        "Runs lie in runs/ unless --run said otherwise.",
    );
  }
  const recipe = await loadRecipe(paths.recipe);
  const reports = await readLog(paths.log);
  const evaluation = await readEvaluation(paths.folder);
  const statistics = await readTargetStatistics(paths.folder);
  const pictures = await readPictures(paths.folder);
  const analysis = await readAnalysis(paths.folder);
  const deployment = await readDeployment(paths.folder);
  const result = await readResult(paths.result);
  await writeReport(paths.report, {
    recipe,
    reports,
    rows: evaluation?.rows ?? [],
    costs: evaluation?.costs ?? [],
    models: evaluation?.models ?? recipe.teachers.map(({ name }) => [name, "teacher"] as const),
    statistics,
    ...(evaluation?.excluded === undefined ? {} : { excluded: evaluation.excluded.length }),
    ...(pictures === undefined ? {} : { pictures }),
    ...(analysis === undefined ? {} : { analysis }),
    ...(deployment === undefined ? {} : { deployment }),
    ...result,
    ...(options.environment === undefined ? {} : { environment: options.environment }),
  });
  return paths.report;
}

/** Of a run that is finished. */
async function readResult(path: string): Promise<Pick<ReportInput, "stateDigest" | "quarantined">> {
  try {
    const result: { readonly stateDigest?: unknown; readonly quarantined?: unknown } = JSON.parse(
      await Deno.readTextFile(path),
    );
    const { stateDigest, quarantined } = result;
    return {
      ...typeof stateDigest === "string" && { stateDigest },
      ...typeof quarantined === "number" && { quarantined },
    };
  } catch {
    return {};
  }
}
