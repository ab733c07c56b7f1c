/** Runs a recipe to its end, for `distill` and `demo`: progress, comparison and report. */
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import { checkEvaluation } from "../../evaluation/check_evaluation.ts";
import { evaluateRun } from "../../evaluation/evaluate_run.ts";
import type { ProgressLine } from "../../io/progress_line.ts";
import { checkOutputFolder, checkOutside } from "../../io/output_path.ts";
import type { Evaluation } from "../../evaluation/results.ts";
import { showProgress } from "../../tracking/progress.ts";
import type { Recipe } from "../../recipe/options.ts";
import { stageRecipes } from "../../recipe/stages/stage_recipes.ts";
import type { AccountOptions } from "../../training/account/rates.ts";
import { distill } from "../../training/distill.ts";
import type { Forecast } from "../../training/forecast/forecast.ts";
import { forecastLines } from "../../training/forecast/words.ts";
import type { DistillSummary } from "../../training/finish.ts";
import type { Tracker } from "../../tracking/trackers.ts";
import { checkTraining } from "../../training/check_training.ts";
import { checkRunFolder } from "../../runs/run_folder.ts";
import { currentStage } from "../../runs/stage_states.ts";
import { denseMetrics } from "../../metrics/comparison/evaluation_metric.ts";
import { reportRun } from "../../report/page/run_report.ts";
import { resumeLine } from "./stopped_run.ts";

/** Options of {@linkcode runRecipe}. */
export interface RunRecipeOptions extends RecipePlace {
  /** Receive every step. Default: none. */
  readonly trackers?: readonly Tracker[];
  readonly signal: AbortSignal;
  /** At most so many train and test images of each task. Default: all. */
  readonly evaluationLimit?: number | undefined;
  /** Models that are measured beside the run's own, such as a run before it. Default: none. */
  readonly others?: readonly string[] | undefined;
  /** Watts and grid intensity for the account. Default: those of the environment. */
  readonly account?: AccountOptions | undefined;
  /** Gets what the run will take, which is shown anyway. Default: nobody else. */
  readonly onForecast?: ((forecast: Forecast) => unknown) | undefined;
  /** Processes that share every batch, which this one leads. Default: this one takes all of it. */
  readonly group?: ProcessGroup | undefined;
  /** Shows how far everything has come. */
  readonly line: ProgressLine;
}

/** Outcome of {@linkcode runRecipe}. */
export interface RecipeOutcome {
  readonly summary: DistillSummary;
  /** Of a finished run whose recipe has tasks. */
  readonly evaluation: Evaluation | undefined;
  /** Path of the page. */
  readonly report: string;
}

/** Where a recipe is run, and how a run that is there already is gone on with. */
export interface RecipePlace {
  readonly folder: string;
  readonly resume: boolean;
  /** Names of what may differ from what a resumed run was begun with. Default: nothing. */
  readonly allow?: readonly string[] | undefined;
}

/**
 * Looks at everything that {@linkcode runRecipe} will need, to the tasks of its evaluation, before an
 * image is decoded or a folder made.
 *
 * @throws {UserError} for images, teachers, tasks and folders that cannot be used
 */
export async function checkRecipeRun(
  recipe: Recipe,
  { folder, resume, allow, processes }: RecipePlace & { readonly processes?: number | undefined },
): Promise<void> {
  // A resumed run has its weights.
  await checkTraining(recipe, { openSource: !resume, processes });
  const { tasks, metrics } = measuredRecipe(recipe, folder).evaluation;
  await checkEvaluation({ tasks, metrics: [...metrics, ...denseMetrics] });
  await checkOutputFolder(folder, "--run");
  const images = stageRecipes(recipe, folder).flatMap(({ recipe: { images } }) => images.sources)
    .flatMap((source) => "path" in source ? [source.path] : []);
  await checkOutside({ path: folder, option: "--run" }, images);
  await checkRunFolder(folder, recipe, { resume, allow });
}

/** Distils, then measures the student against its teachers, a random one and pixels. */
export async function runRecipe(
  recipe: Recipe,
  options: RunRecipeOptions,
): Promise<RecipeOutcome> {
  const { folder, line } = options;
  const note = line.notice;
  const summary = await distillWithProgress(recipe, options);
  if (!summary.finished) {
    note(`stopped after step ${summary.steps}; go on with: ${resumeLine(folder)}`);
  }
  const { tasks } = measuredRecipe(recipe, folder).evaluation;
  const measured = summary.finished && tasks.length > 0;
  if (measured) note("measuring the student, its teachers, a random student and pixels");
  const evaluation = measured
    ? await evaluateRun(folder, {
      onRow: ({ model, task, value }) => note(`  ${model} on ${task}: ${value.toFixed(1)} %`),
      onWork: line.work,
      onNote: note,
      limit: options.evaluationLimit,
      others: options.others,
    })
    : undefined;
  // Where the last stage has not begun, the report is of the stage that was stopped.
  const reported = currentStage(summary.stages ?? [])?.folder ?? folder;
  return { summary, evaluation, report: await reportRun(reported) };
}

/** The recipe whose student is measured: that of the last stage. */
export function measuredRecipe(recipe: Recipe, folder: string): Recipe {
  return stageRecipes(recipe, folder).at(-1)!.recipe;
}

/** Distils a recipe, and shows how far it has come. */
export async function distillWithProgress(
  recipe: Recipe,
  { folder, resume, allow = [], trackers = [], signal, group, line, onForecast, account }:
    RunRecipeOptions,
): Promise<DistillSummary> {
  const progress = showProgress({ line });
  const steps = distill(recipe, {
    folder,
    resume,
    allow,
    trackers,
    signal,
    account,
    group,
    onNote: progress.note,
    onWork: progress.work,
    onForecast: async (forecast) => {
      forecastLines(forecast).forEach(progress.note);
      progress.note(`  ends about ${clockTime(Date.now() + 1000 * secondsAhead(forecast))}`);
      await onForecast?.(forecast);
    },
  });
  let next = await steps.next();
  for (; !next.done; next = await steps.next()) {
    progress.report(next.value);
    if (next.value.incident !== undefined) progress.note(`warning: ${next.value.incident}`);
  }
  progress.end();
  return next.value;
}

/** Seconds from the first step to the last. */
function secondsAhead({ planned, seconds }: Forecast): number {
  return planned === undefined ? seconds : planned.expectedSeconds - planned.measuringSeconds;
}

/** Hours and minutes of a moment, and the day where it is another one. */
function clockTime(milliseconds: number): string {
  const [moment, now] = [new Date(milliseconds), new Date()];
  const time = moment.toTimeString().slice(0, 5);
  return moment.toDateString() === now.toDateString() ? time : `${moment.toDateString()}, ${time}`;
}
