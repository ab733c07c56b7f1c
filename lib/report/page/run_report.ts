/** The report of a run folder. */
import { readAnalysis } from "../../evaluation/analysis/analysis.ts";
import { readDeployment } from "../../evaluation/deployment/deployment.ts";
import { readEvaluation } from "../../evaluation/results.ts";
import { readSelection } from "../../evaluation/selection/selection.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { readLog } from "../../runs/step_log.ts";
import { readPictures } from "../../evaluation/pictures/pictures.ts";
import { checkRun, runPaths } from "../../runs/run_folder.ts";
import { readPlan } from "../../runs/run_plan.ts";
import { readAccount } from "../../runs/run_account.ts";
import { readRunResult } from "../../runs/run_result.ts";
import { readOrigin } from "../../runs/run_origin.ts";
import { stageStates } from "../../runs/stage_states.ts";
import { readTargetStatistics } from "../../runs/target_statistics.ts";
import { writeReport } from "./report.ts";

/**
 * Writes `report.html` of a run from its recipe, its log and the results of its evaluation, as far as they
 * are there. The run need not be finished.
 *
 * @param folder Folder of the run.
 * @returns The path of the page.
 * @throws {UserError} Where the folder is no run, or has no log yet.
 *
 * @example
 * ```ts ignore
 * console.log(await reportRun("runs/demo"));
 * ```
 */
export async function reportRun(folder: string): Promise<string> {
  const paths = runPaths(folder);
  await checkRun(folder);
  const recipe = await loadRecipe(paths.recipe);
  const reports = await readLog(paths.log);
  const { stateDigest, quarantined } = await readRunResult(folder);
  const evaluation = await readEvaluation(paths.folder);
  await writeReport(paths.report, {
    recipe,
    reports,
    rows: evaluation?.rows ?? [],
    means: evaluation?.means,
    readouts: evaluation?.readouts,
    costs: evaluation?.costs ?? [],
    models: evaluation?.models ?? recipe.teachers.map(({ name }) => [name, "teacher"] as const),
    statistics: await readTargetStatistics(paths.folder),
    excluded: evaluation?.excluded?.length,
    pictures: await readPictures(paths.folder),
    analysis: await readAnalysis(paths.folder),
    selection: await readSelection(paths.folder),
    deployment: await readDeployment(paths.folder),
    ...{ stateDigest, quarantined },
    plan: await readPlan(paths.folder),
    account: await readAccount(paths.folder),
    stages: await stageStates(paths.folder),
    origin: await readOrigin(paths.folder),
  });
  return paths.report;
}
