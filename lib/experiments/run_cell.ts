/** One row of an experiment with one seed: trained, measured, summed up as numbers with names. */
import { writeFileAtomic } from "../io/atomic_file.ts";
import {
  denseMetricNames,
  evaluationMetrics,
  metricNames,
} from "../metrics/comparison/evaluation_metric.ts";
import type { EvaluationRow } from "../metrics/comparison/evaluation_row.ts";
import { analyseModels } from "../evaluation/analysis/analyse.ts";
import type { AnalysisCurve } from "../evaluation/analysis/analysis.ts";
import { evaluateModels } from "../evaluation/evaluate_models.ts";
import type { ModelSpec } from "../evaluation/models/open_model.ts";
import type { Experiment, ExperimentRow } from "./experiment.ts";
import { rowDigest } from "./results.ts";
import { readLog } from "../runs/step_log.ts";
import { defineRecipe } from "../recipe/recipe.ts";
import { runPaths } from "../runs/run_folder.ts";
import { distill } from "../training/distill.ts";
import { trainSpecialist } from "../training/supervised/specialist.ts";
import type { StepReport } from "../runs/step_report.ts";
import { dataFolder } from "../evaluation/tasks/manifest.ts";
import { UserError } from "../errors/user_error.ts";

/** Side in pixels at which all rows see the images of tasks. */
const canvas = 64;

/** Options of {@linkcode runExperimentRow}. */
export interface RunExperimentOptions {
  /** Folder of run folders. */
  readonly runs: string;
  /** Updates, instead of those of the recipe: a short form. Default: as in the recipe. */
  readonly steps?: number;
  /** At most so many train and test images of each task. Default: all. */
  readonly limit?: number;
  /** Stops after the step in progress, to be resumed. */
  readonly signal: AbortSignal;
  /** Told of every step. */
  readonly onStep?: (step: number, steps: number, secondsLeft: number) => void;
  /** Told of what else happens. */
  readonly onNote?: (line: string) => void;
}

/** Numbers by name: "logistic world_shape", "loss world_parts", "seconds". */
export type Measures = { readonly [measure: string]: number };

/**
 * Trains and measures one row of an experiment with one seed. A run that was left is resumed.
 *
 * @returns undefined where it was stopped by the signal
 * @throws {UserError} where a recipe, a teacher or a task cannot be used
 */
export async function runExperimentRow(
  experiment: Experiment,
  row: ExperimentRow,
  seed: number,
  options: RunExperimentOptions,
): Promise<Measures | undefined> {
  // A recipe that was changed does not find what was trained before.
  const digest = rowDigest(experiment, row);
  const folder = `${options.runs}/${experiment.name}/${row.name}_${digest}_${seed}`;
  const trained = "recipe" in row
    ? await runDistillation(row.recipe, folder, seed, {
      ...options,
      moments: experiment.moments ?? 0,
    })
    : "labels" in row
    ? await runSupervised(row.labels, folder, seed, options)
    : {};
  if (trained === undefined) return undefined;
  const { limit = experiment.limit } = options;
  const model = {
    source: "model" in row ? row.model : runPaths(folder).student,
    name: row.name,
  };
  const { rows } = await evaluateModels(
    [model],
    experiment.tasks,
    {
      canvas,
      metrics: ["knn", "logistic", "segmentation", "depth"],
      onRow: ({ task, metric, value }) => options.onNote?.(`${task} ${metric} ${value.toFixed(1)}`),
      ...(limit === undefined ? {} : { limit }),
    },
  );
  const capacity: Measures[] = [];
  for (const task of experiment.capacity ?? []) {
    options.onNote?.(`principal components and pruning on ${task}`);
    capacity.push(await capacityOn(task, model, limit ?? 1000));
  }
  return Object.assign(
    trained,
    Object.fromEntries(rows.map((found) => [measureOf(found), found.value])),
    ...capacity,
  );
}

/** What is left of a model's k-NN accuracy with few principal components, and without its smallest weights. */
async function capacityOn(task: string, model: ModelSpec, limit: number): Promise<Measures> {
  const { components, pruning } = await analyseModels([model], task, { canvas, limit });
  const relative = (what: string, curve: AnalysisCurve | undefined, whole: 0 | -1) =>
    curve?.x.map((x, i) => [
      `${what} ${x} ${task}`,
      100 * (curve.accuracy[i] ?? NaN) / (curve.accuracy.at(whole) ?? NaN),
    ]) ?? [];
  return Object.fromEntries([
    ...relative("components", components[0], -1),
    ...relative("pruned", pruning[0], 0),
  ]);
}

/**
 * Makes sure that the image sets of an experiment are there before anything is trained.
 *
 * @throws {UserError} with every folder that is missing, and how large it is
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

/** "logistic regression accuracy" on world_shape is "logistic world_shape". */
function measureOf({ metric, task }: EvaluationRow): string {
  const image = evaluationMetrics.find((name) => metricNames[name] === metric);
  const dense = Object.entries(denseMetricNames).find(([, name]) => name === metric)?.[0];
  return `${image ?? dense ?? metric} ${task}`;
}

async function runDistillation(
  input: Extract<ExperimentRow, { recipe: unknown }>["recipe"],
  folder: string,
  seed: number,
  { steps, signal, onStep, onNote, moments }: RunExperimentOptions & { readonly moments: number },
): Promise<Measures | undefined> {
  const name = folder.split("/").slice(-2).join(".");
  const recipe = defineRecipe({
    ...input,
    name,
    seed,
    ...(steps === undefined ? {} : { optimization: { ...input.optimization, steps } }),
  });
  const paths = runPaths(folder);
  const measured = async () => dynamics(await readLog(paths.log), moments);
  if (await readable(paths.result)) return measured();
  const resume = await readable(paths.recipe);
  const run = distill(recipe, { folder, resume, signal, ...onNote && { onNote } });
  let next = await run.next();
  for (; !next.done; next = await run.next()) {
    const { step, steps, secondsLeft } = next.value;
    onStep?.(step, steps, secondsLeft);
  }
  return next.value.finished ? measured() : undefined;
}

/** Losses and shares of each teacher, means over the last tenth of the run, and over each of its parts. */
function dynamics(reports: readonly StepReport[], moments: number): Measures {
  const part = (i: number) => Math.round(reports.length * i / moments);
  const parts = Array.from({ length: moments }, (_, i) => {
    const means = meanLosses(reports.slice(part(i), part(i + 1)));
    const at = Math.round(100 * (i + 1) / moments);
    return Object.fromEntries(
      Object.entries(means).map(([measure, value]) => [`${measure} at ${at} %`, value]),
    );
  });
  return Object.assign(
    { seconds: reports.at(-1)?.seconds ?? 0 },
    meanLosses(reports.slice(-Math.ceil(reports.length / 10))),
    ...parts,
  );
}

function meanLosses(reports: readonly StepReport[]): Measures {
  const mean = (of: (report: StepReport) => number) =>
    reports.reduce((sum, report) => sum + of(report), 0) / reports.length;
  const names = Object.keys(reports[0]?.losses ?? {});
  const losses = names.map((name) => mean((report) => report.losses[name]?.total ?? NaN));
  return {
    ...Object.fromEntries(names.map((name, i) => [`loss ${name}`, losses[i]!])),
    ...Object.fromEntries(
      names.map((name) => [`share ${name}`, mean((report) => report.shares[name] ?? 0)]),
    ),
    "loss ratio": Math.max(...losses) / Math.min(...losses),
  };
}

async function runSupervised(
  recipe: Extract<ExperimentRow, { labels: unknown }>["labels"],
  folder: string,
  seed: number,
  { steps, signal, onStep }: RunExperimentOptions,
): Promise<Measures | undefined> {
  const begun = performance.now();
  const named = { ...recipe, name: "labels", description: "From labels", seed };
  const bytes = await trainSpecialist(
    steps === undefined ? named : { ...named, optimization: { ...named.optimization, steps } },
    ({ step, steps, secondsLeft }) => {
      signal.throwIfAborted();
      onStep?.(step, steps, secondsLeft);
    },
  );
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(runPaths(folder).student, bytes);
  return { seconds: (performance.now() - begun) / 1000 };
}

async function readable(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
