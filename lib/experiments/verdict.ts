/** Whether a recipe is worth it: trained beside others with several seeds, and judged by a threshold. */
import { evaluateModels, type EvaluateModelsOptions } from "../evaluation/evaluate_models.ts";
import type { Work } from "../io/progress_line.ts";
import { type EvaluationMetric, metricNames } from "../metrics/comparison/evaluation_metric.ts";
import type { MeasuredRow } from "../metrics/comparison/evaluation_row.ts";
import {
  type SeededDifference,
  seededDifference,
  type SeededScores,
} from "../metrics/comparison/seeded_difference.ts";
import type { Recipe } from "../recipe/options.ts";
import { runPaths } from "../runs/run_folder.ts";
import { cellsOf } from "./cells.ts";
import { defineExperiment, type Experiment } from "./experiment.ts";
import { cellFolder } from "./run_cell.ts";
import { trainRow } from "./train_row.ts";
import { meanOf } from "../metrics/mean_of.ts";

/** What is judged, and by what. */
export interface VerdictQuestion {
  /** The recipe first, then those that it is judged against. */
  readonly recipes: readonly Recipe[];
  /** Each recipe is trained with each; at least two. */
  readonly seeds: readonly number[];
  /** Labelled image sets, of whose accuracies the mean is compared. */
  readonly tasks: readonly string[];
  /** By what frozen features are measured on them. */
  readonly metric: EvaluationMetric;
  /** Gain in points of the mean that it must have, given before anything is trained. */
  readonly threshold: number;
}

/** The answer, of one baseline or of all. */
export type Decision = "go" | "no-go" | "inconclusive";

/** The recipe against one baseline, in points. */
export interface BaselineVerdict extends SeededDifference {
  /** Name of the baseline's recipe. */
  readonly baseline: string;
  readonly decision: Decision;
}

/** One recipe with one seed. */
export interface VerdictRun {
  readonly recipe: string;
  readonly seed: number;
  /** Minutes of training, over all its stages. */
  readonly minutes: number;
  /** Mean over the tasks, in percent. */
  readonly mean: number;
  /** Its run folder. */
  readonly folder: string;
}

/** What came out. */
export interface RecipeVerdict {
  readonly decision: Decision;
  readonly against: readonly BaselineVerdict[];
  readonly runs: readonly VerdictRun[];
}

/**
 * The decision that an interval allows: "go" where all of it lies above the threshold, "no-go" where all of it
 * lies below.
 *
 * @example
 * ```ts
 * import { decide } from "./verdict.ts";
 * if (decide({ low: 1.2, high: 3 }, 1) !== "go") throw new Error("All above");
 * if (decide({ low: -1, high: 3 }, 1) !== "inconclusive") throw new Error("Both sides");
 * ```
 */
export function decide(
  { low, high }: { readonly low: number; readonly high: number },
  threshold: number,
): Decision {
  return low > threshold ? "go" : high < threshold ? "no-go" : "inconclusive";
}

/** The decision over several baselines: "go" beside all of them, "no-go" beside any. */
export function decideAll(decisions: readonly Decision[]): Decision {
  if (decisions.includes("no-go")) return "no-go";
  return decisions.every((decision) => decision === "go") ? "go" : "inconclusive";
}

/**
 * The question as an experiment: a row for each recipe.
 *
 * @throws {UserError} where two recipes have the same name
 */
export function verdictExperiment({ recipes, seeds, tasks, metric }: VerdictQuestion): Experiment {
  return defineExperiment({
    name: "verdict",
    title: "Verdict",
    paper: "none",
    description: `${recipes[0]?.name} against others`,
    rows: recipes.map(({ name, seed: _, ...recipe }) => ({
      name: rowName(name),
      title: name,
      recipe,
    })),
    seeds,
    tasks,
    columns: [{ title: metric, measures: tasks.map((task) => `${metric} ${task}`) }],
    claims: [],
  });
}

/** A recipe's name as that of a row. */
function rowName(name: string): string {
  return name.replaceAll(/[^a-z0-9_]/g, "_");
}

/**
 * Trains every recipe with every seed, measures the students and judges the first. What was trained or measured
 * before in the folder is kept; a run that was stopped is resumed.
 *
 * @param options folder: for runs and measurements
 * @returns undefined where the signal stopped it, to be gone on with by the same call
 * @throws {UserError} where a recipe, a teacher or a task cannot be used
 */
export async function judgeRecipes(
  question: VerdictQuestion,
  { folder, signal, onWork, onNote }: {
    readonly folder: string;
    readonly signal?: AbortSignal | undefined;
    readonly onWork?: ((work: Work) => void) | undefined;
    readonly onNote?: ((line: string) => void) | undefined;
  },
): Promise<RecipeVerdict | undefined> {
  const experiment = verdictExperiment(question), cells = cellsOf(experiment);
  const trained: Omit<VerdictRun, "mean">[] = [];
  for (const cell of cells) {
    const { row, seed } = cell, run = cellFolder(folder, cell), title = row.title ?? row.name;
    const stage = `${title} seed ${seed}`;
    const measures = await trainRow(row, {
      ...{ folder: run, seed, moments: 0, signal },
      onStep: (done, total) => onWork?.({ stage, done, total, unit: "steps" }),
      onWork: (part) => onWork?.({ ...part, stage: `${stage}: ${part.stage}` }),
    });
    if (measures === undefined) return undefined;
    const minutes = (measures.seconds ?? NaN) / 60;
    onNote?.(`${stage}: trained for ${minutes.toFixed(1)} minutes`);
    trained.push({ recipe: title, seed, minutes, folder: run });
  }
  const measured = await measureStudents(question, trained, { folder, onWork });
  const scoresOf = (recipe: string, task: number) =>
    question.seeds.map((seed) => scoresIn(measured, modelName({ recipe, seed }), task));
  const [candidate, ...baselines] = question.recipes.map(({ name }) => name);
  const against = baselines.map((baseline): BaselineVerdict => {
    const tasks = question.tasks.map((task, i): SeededScores => ({
      task,
      first: scoresOf(candidate!, i),
      second: scoresOf(baseline, i),
    }));
    const { difference, low, high, p, bySeed } = seededDifference(tasks, 0);
    const points = { low: 100 * low, high: 100 * high };
    return {
      ...{ baseline, decision: decide(points, question.threshold), p },
      ...{ difference: 100 * difference, ...points, bySeed: bySeed.map((one) => 100 * one) },
    };
  });
  const runs = trained.map((run) => {
    const scores = question.tasks.map((_, i) => meanOf(scoresIn(measured, modelName(run), i)));
    return { ...run, mean: 100 * meanOf(scores) };
  });
  return { decision: decideAll(against.map(({ decision }) => decision)), against, runs };
}

function modelName({ recipe, seed }: { readonly recipe: string; readonly seed: number }): string {
  return `${recipe} seed ${seed}`;
}

/** Measures all students in one go, as the judged recipe says. */
async function measureStudents(
  { recipes, tasks, metric }: VerdictQuestion,
  trained: readonly Omit<VerdictRun, "mean">[],
  { folder, onWork }: Pick<EvaluateModelsOptions, "onWork"> & { readonly folder: string },
): Promise<readonly MeasuredRow[]> {
  const { images: { canvas, background, maximumPixels }, evaluation } = recipes[0]!;
  const { feature, k } = evaluation;
  let measured: readonly MeasuredRow[] = [];
  await evaluateModels(
    trained.map((run) => ({ source: runPaths(run.folder).student, name: modelName(run) })),
    tasks,
    {
      ...{ canvas, background, maximumPixels, feature, metrics: [metric] },
      // One number for a task: of several numbers of neighbours the first.
      k: typeof k === "number" ? k : k[0]!,
      resume: `${folder}/measured.jsonl`,
      onMeasured: (rows) => measured = rows,
      onWork,
    },
  );
  return measured;
}

/** Scores of a model on a task, of which there is one row each, in order. */
function scoresIn(measured: readonly MeasuredRow[], model: string, task: number): Float64Array {
  return measured.filter(({ row }) => row.model === model)[task]!.scores;
}

/** Metrics by which a verdict can be: an accuracy for every image, or the like, of which more is better. */
export const verdictMetrics = ["knn", "logistic", "sgd", "retrieval", "class_mean"] as const;

/** What tables call the metric of a question. */
export function metricTitle({ metric }: Pick<VerdictQuestion, "metric">): string {
  return metricNames[metric];
}
