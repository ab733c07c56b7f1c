/** Trains and measures one row of an experiment with one seed. */
import {
  chosenReadoutName,
  denseMetricNames,
  metricNames,
} from "../metrics/comparison/evaluation_metric.ts";
import type { EvaluationRow, MeanVerdict } from "../metrics/comparison/evaluation_row.ts";
import { analyseModels } from "../evaluation/analysis/analyse.ts";
import type { AnalysisCurve } from "../evaluation/analysis/analysis.ts";
import { checkEvaluation } from "../evaluation/check_evaluation.ts";
import { evaluateModels } from "../evaluation/evaluate_models.ts";
import type { ModelSpec } from "../evaluation/models/open_model.ts";
import type { ExperimentCell } from "./cells.ts";
import type { Experiment, ExperimentRow } from "./experiment.ts";
import { trainingDigest } from "./results.ts";
import { addRowPlan, readRowPlan } from "./row_plans.ts";
import { type Measures, trainRow, type TrainRowOptions } from "./train_row.ts";
import { defineRecipe } from "../recipe/recipe.ts";
import { checkTraining } from "../training/check_training.ts";
import { runPaths } from "../runs/run_folder.ts";
import { dataFolder } from "../evaluation/tasks/manifest.ts";
import { UserError } from "../errors/user_error.ts";

/** Side in pixels at which all rows see the images of tasks. */
const canvas = 64;

/** Options of {@linkcode runExperimentRow}. */
export interface RunExperimentOptions
  extends Omit<TrainRowOptions, "folder" | "seed" | "moments" | "features" | "plan" | "onPlan"> {
  /** Folder of run folders. */
  readonly runs: string;
  /**
   * File of the plans that the seeds of a row share where it has a budget of minutes: the first that measures its steps
   * keeps it there, all others take as many. Default: each measures its own.
   */
  readonly plans?:
    | { readonly path: string; readonly date: string; readonly machine: string }
    | undefined;
  /** Most train and test images of each task. Default: the experiment's. */
  readonly limit?: number | undefined;
}

/**
 * Trains and measures one row of an experiment with one seed. A distillation that was stopped is resumed. All seeds of a
 * row with a budget of minutes take as many steps as the first of them planned.
 *
 * @returns undefined where the signal stopped it, or it was only to be planned
 * @throws {UserError} where a recipe, a teacher or a task cannot be used
 */
export async function runExperimentRow(
  experiment: Experiment,
  row: ExperimentRow,
  seed: number,
  options: RunExperimentOptions,
): Promise<Measures | undefined> {
  const folder = cellFolder(options.runs, { experiment, row, seed });
  const { moments = 0, ownFeatures = false, readout, validation } = experiment;
  const features = ownFeatures ? `${folder}_features` : undefined;
  const trained = await trainRow(row, {
    ...options,
    ...{ folder, seed, moments, features },
    ...await planOfRow(experiment, row, options),
  });
  if (trained === undefined || options.planOnly) return undefined;
  // Whatever is measured of it later needs only the student.
  if (features !== undefined) await Deno.remove(features, { recursive: true }).catch(() => {});
  const { limit = experiment.limit } = options;
  // Only a run has the projectors that a readout may use.
  const run = experiment.readout === undefined ? runPaths(folder).student : folder;
  const model: ModelSpec = { source: "model" in row ? row.model : run, name: row.name };
  const against = (experiment.against ?? []).map((source) => ({ source }));
  const { rows, means = [] } = await evaluateModels(
    [model, ...against.filter(({ source }) => source !== model.source)],
    experiment.tasks,
    {
      canvas,
      metrics: ["knn", "logistic", "segmentation", "depth"],
      onWork: options.onWork,
      onRow: ({ task, metric, value }) => options.onNote?.(`${task} ${metric} ${value.toFixed(1)}`),
      ...{ limit, readout, validation },
      // What all rows are compared with is measured once.
      resume: against.length === 0
        ? undefined
        : `${options.runs}/${experiment.name}/measured.jsonl`,
    },
  );
  const capacity: Measures[] = [];
  for (const task of experiment.capacity ?? []) {
    options.onNote?.(`principal components and pruning on ${task}`);
    capacity.push(await measureCapacity(task, model, limit ?? 1000));
  }
  return Object.assign(
    {},
    trained,
    Object.fromEntries(
      rows.filter((one) => one.model === row.name).map((one) => [measureName(one), one.value]),
    ),
    ...means.filter((one) => one.model === row.name).map(leadMeasures),
    ...capacity,
  );
}

/** The run folder of a row and seed; a recipe that has changed gets another one. */
export function cellFolder(runs: string, { experiment, row, seed }: ExperimentCell): string {
  return `${runs}/${experiment.name}/${row.name}_${trainingDigest(row)}_${seed}`;
}

/** The plan that the seeds of a row share, or what keeps it once it is measured. */
async function planOfRow(
  experiment: Experiment,
  row: ExperimentRow,
  { plans }: Pick<RunExperimentOptions, "plans">,
): Promise<Pick<TrainRowOptions, "plan" | "onPlan">> {
  if (plans === undefined) return {};
  const { path, date, machine } = plans;
  const plan = await readRowPlan(path, row);
  if (plan !== undefined) return { plan };
  const about = { experiment: experiment.name, row: row.name, training: trainingDigest(row) };
  return { onPlan: (plan) => addRowPlan(path, { ...about, date, machine, plan }) };
}

/**
 * Refuses a row whose images, teachers, model or tasks are not there.
 *
 * @throws {UserError} with the nearest names
 */
export async function checkExperimentRow(
  { tasks, capacity = [] }: Experiment,
  row: ExperimentRow,
): Promise<void> {
  if ("recipe" in row) await checkTraining(defineRecipe({ ...row.recipe, name: row.name }));
  const models = "model" in row ? [{ source: row.model }] : [];
  await checkEvaluation({ models, tasks: [...tasks, ...capacity] });
}

/** Share in percent of a model's k-NN accuracy with few principal components, or without small weights. */
async function measureCapacity(task: string, model: ModelSpec, limit: number): Promise<Measures> {
  const { components, pruning } = await analyseModels([model], task, { canvas, limit });
  const relative = (name: string, curve: AnalysisCurve | undefined, whole: 0 | -1) =>
    curve?.x.map((x, i) => [
      `${name} ${x} ${task}`,
      100 * (curve.accuracy[i] ?? NaN) / (curve.accuracy.at(whole) ?? NaN),
    ]) ?? [];
  return Object.fromEntries([
    ...relative("components", components[0], -1),
    ...relative("pruned", pruning[0], 0),
  ]);
}

/**
 * Checks that the image sets of an experiment are there, before anything is trained.
 *
 * @throws {UserError} with every set that is missing, and its size
 */
export async function assertExperimentData({ name, needs = [] }: Experiment): Promise<void> {
  const missing: string[] = [];
  for (const { path, megabytes, description } of needs) {
    if (await Deno.stat(`${dataFolder()}/${path}`).then(() => true, () => false)) continue;
    missing.push(`  - ${dataFolder()}/${path}: ${description}, ${megabytes} MB`);
  }
  if (missing.length === 0) return;
  throw new UserError(
    `Cannot run the experiment "${name}": these images are not there:\n${missing.join("\n")}\n` +
      "The package may not contain them. Put them there, or name the folder that holds them by " +
      "HASHIGO_DATA. The experiments of the generated world, world_*, need none.",
  );
}

/**
 * "logistic regression accuracy" on world_shape is "logistic world_shape"; by a readout that was chosen
 * it is "logistic world_shape by chosen readout".
 */
function measureName({ metric, task }: EvaluationRow): string {
  const { name, isChosen } = namedMetric(metric), measure = `${name} ${task}`;
  return isChosen ? chosenMeasure(measure) : measure;
}

/** The short name of a metric, and whether its features were read out by a choice. */
function namedMetric(metric: string): { readonly name: string; readonly isChosen: boolean } {
  for (const [name, title] of Object.entries({ ...metricNames, ...denseMetricNames })) {
    if (metric === title) return { name, isChosen: false };
    if (metric === chosenReadoutName(title)) return { name, isChosen: true };
  }
  return { name: metric, isChosen: false };
}

/** Name of a measure of features by the readout that was chosen. */
export function chosenMeasure(measure: string): string {
  return `${measure} by chosen readout`;
}

/** The difference to the best teacher in the mean over the tasks, and its interval. */
function leadMeasures({ metric, difference, low, high }: MeanVerdict): Measures {
  const { name: short, isChosen } = namedMetric(metric), measure = `lead ${short}`;
  const name = isChosen ? chosenMeasure(measure) : measure;
  return { [name]: difference, [`${name} low`]: low, [`${name} high`]: high };
}
