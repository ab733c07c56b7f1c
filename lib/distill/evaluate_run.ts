/** A finished run against everything that it must be compared with. */
import { z } from "zod";
import { writeFileAtomic } from "../atomic_file.ts";
import type { CostRow } from "../metrics/cost.ts";
import type { EvaluationMetric } from "../metrics/evaluation_metric.ts";
import type { EvaluationRow } from "../metrics/scorecard.ts";
import { addVerdicts, type MeasuredRow } from "../metrics/verdict.ts";
import { UserError } from "../user_error.ts";
import { type Encoder, openEncoder } from "./encoders.ts";
import { evaluateEncoder } from "./evaluate.ts";
import { readCosts } from "./evaluate_costs.ts";
import { type EvaluationTask, openEvaluationTask } from "./evaluation_task.ts";
import type { FeatureKind } from "./extract_features.ts";
import { loadRecipe } from "./load_recipe.ts";
import { openMeasuredLog } from "./measured_log.ts";
import { pooledFeatureFolder } from "./pooled_feature_cache.ts";
import { runPaths } from "./run_folder.ts";

/** What was measured of several models; `evaluation.json` of a run holds one. */
export interface Evaluation {
  /** One for each model and task. */
  readonly rows: readonly EvaluationRow[];
  /** One for each model. */
  readonly costs: readonly CostRow[];
  /** Models in order, with what they are to the comparison. */
  readonly models: readonly (readonly [name: string, role: Encoder["role"]])[];
}

/** Options of {@linkcode evaluateModels}. */
export interface EvaluateModelsOptions {
  /** Side in pixels at which all models see the images. */
  readonly canvas: number;
  /** Default "cls". */
  readonly feature?: FeatureKind;
  /** Default only "knn". */
  readonly metrics?: readonly EvaluationMetric[];
  /** Neighbours, or several numbers of them. Default 20. */
  readonly k?: number | readonly number[];
  /** Path of a CSV of what errors cost on the only task: see {@linkcode parseCostMatrix}. */
  readonly costs?: string;
  /** At most so many train and test images of each task. Default: all. */
  readonly limit?: number;
  /** Draws parts and intervals. Default 0. */
  readonly seed?: number;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string;
  /** Folder that keeps features. Default: in the user's cache. */
  readonly features?: string;
  /** File of what was measured, see {@linkcode openMeasuredLog}. Default: everything is measured anew. */
  readonly resume?: string;
  /** Told of every row when it is there, without a verdict. */
  readonly onRow?: (row: EvaluationRow) => void;
  /** Told of images done. */
  readonly onProgress?: (model: string, task: string, done: number, total: number) => void;
}

/** A model to be measured: what {@linkcode openEncoder} takes, and what tables call it. */
export interface ModelChoice {
  /** A name that {@linkcode openEncoder} knows. */
  readonly what: string;
  /** What tables call it. */
  readonly name?: string;
  /** Attention heads of a checkpoint whose heads are not 64 wide. */
  readonly heads?: number;
}

/**
 * Measures models on tasks, one model in memory at a time. Where a student has teachers beside it, its
 * rows say how it does against the best of them.
 *
 * @throws {UserError} where a model, a task or the costs cannot be read; tasks are opened first, models
 * are not measured before all tasks are there.
 *
 * @example
 * ```ts
 * import { evaluateModels, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const { rows } = await evaluateModels([{ what: "pixels" }], ["digits"], { canvas: 32, limit: 100 });
 * if (rows[0]?.model !== "pixels") throw new Error("One row");
 * ```
 */
export async function evaluateModels(
  choices: readonly ModelChoice[],
  taskNames: readonly string[],
  options: EvaluateModelsOptions,
): Promise<Evaluation> {
  const { onRow, onProgress, cache, limit, canvas, seed, costs: path, ...asked } = options;
  const { features = pooledFeatureFolder(), resume, ...measure } = asked;
  const log = resume === undefined ? {} : { measured: await openMeasuredLog(resume) };
  const costsOf = path === undefined ? undefined : await readCosts(path, taskNames);
  const tasks: EvaluationTask[] = [];
  try {
    for (const name of taskNames) {
      tasks.push(
        await openEvaluationTask(name, {
          canvas,
          ...(seed === undefined ? {} : { seed }),
          ...(limit === undefined ? {} : { limit }),
          ...(cache === undefined ? {} : { cache }),
        }),
      );
    }
    const [only] = tasks;
    const matrix = costsOf && only ? { costs: costsOf(only.test.classes) } : {};
    const [measured, costs]: [MeasuredRow[], CostRow[]] = [[], []];
    const models: [string, Encoder["role"]][] = [];
    for (const { what, ...named } of choices) {
      const encoder = await openEncoder(what, named);
      try {
        const found = await evaluateEncoder(encoder, tasks, {
          ...measure,
          ...matrix,
          ...log,
          features,
          ...(seed === undefined ? {} : { seed }),
          onProgress: (task, done, total) => onProgress?.(encoder.name, task, done, total),
        });
        found.rows.forEach((row) => onRow?.(row));
        measured.push(...found.measured);
        costs.push(found.cost);
        models.push([encoder.name, encoder.role]);
      } finally {
        encoder.network.dispose();
      }
    }
    return { rows: addVerdicts(measured, seed ?? 0), costs, models };
  } finally {
    for (const task of tasks) task.close();
  }
}

/**
 * Measures the student of a run, each of its teachers as the run used them, a student that was never
 * trained, and pixels, as the recipe's `evaluation` says. Writes `evaluation.json` to the run.
 *
 * @param options tasks: default, the recipe's; the rest as in {@linkcode evaluateModels}.
 * @throws {UserError} where the run has no student yet, or neither it nor the options name a task.
 *
 * @example
 * ```ts ignore
 * const { rows } = await evaluateRun("runs/demo");
 * console.log(comparisonText(rows));
 * ```
 */
export async function evaluateRun(
  folder: string,
  options: Partial<EvaluateModelsOptions> & { readonly tasks?: readonly string[] } = {},
): Promise<Evaluation> {
  const paths = runPaths(folder);
  const recipe = await loadRecipe(paths.recipe);
  const { tasks = recipe.evaluation.tasks, ...given } = options;
  if (tasks.length === 0) {
    throw new UserError(
      `Cannot evaluate "${folder}": its recipe names no tasks. Give some with --data, such as ` +
        "--data digits.",
    );
  }
  const choices: ModelChoice[] = [
    { what: folder, name: "student" },
    ...recipe.teachers.map(({ name, checkpoint = name, inputSize, heads }) => ({
      what: inputSize === undefined ? checkpoint : `${checkpoint}@${inputSize}`,
      name,
      ...heads === undefined ? {} : { heads },
    })),
    { what: `random:${folder}` },
    { what: "pixels" },
  ];
  const { feature, k, metrics } = recipe.evaluation;
  const evaluation = await evaluateModels(choices, tasks, {
    canvas: recipe.images.canvas,
    feature,
    k,
    metrics,
    ...given,
  });
  await writeFileAtomic(paths.evaluation, JSON.stringify(evaluation, null, 2) + "\n");
  return evaluation;
}

const role = z.enum(["student", "teacher", "baseline"]);
const verdict = z.object({
  outcome: z.enum(["win", "tie", "loss"]),
  against: z.string(),
  difference: z.number(),
  low: z.number(),
  high: z.number(),
  p: z.number(),
});
const evaluationSchema: z.ZodType<Evaluation> = z.object({
  rows: z.array(z.object({
    model: z.string(),
    task: z.string(),
    metric: z.string(),
    value: z.number(),
    low: z.number(),
    high: z.number(),
    images: z.number(),
    seconds: z.number(),
    verdict: z.exactOptional(verdict),
  })),
  costs: z.array(z.object({
    model: z.string(),
    parameters: z.number(),
    gflop: z.exactOptional(z.number()),
    milliseconds: z.exactOptional(z.number()),
  })),
  models: z.array(z.tuple([z.string(), role])),
});

/**
 * Reads what {@linkcode evaluateRun} wrote; undefined where the run was not evaluated.
 *
 * @throws {UserError} where the file is something else.
 *
 * @example
 * ```ts
 * import { readEvaluation } from "@hashigo/hashigo";
 * if (await readEvaluation("runs/absent") !== undefined) throw new Error("There is none");
 * ```
 */
export async function readEvaluation(folder: string): Promise<Evaluation | undefined> {
  const { evaluation: path } = runPaths(folder);
  const text = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    return evaluationSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `Cannot read "${path}": it is not an evaluation. Make it anew with deno task evaluate ` +
        `${folder}.`,
      { cause: error },
    );
  }
}
