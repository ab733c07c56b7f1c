/** Several models on several tasks, side by side. */
import type { CostRow } from "../metrics/costs/cost.ts";
import {
  type DenseMetric,
  denseMetrics,
  type EvaluationMetric,
  evaluationMetrics,
} from "../metrics/comparison/evaluation_metric.ts";
import type { EvaluationRow } from "../metrics/comparison/scorecard.ts";
import { addVerdicts, type MeasuredRow } from "../metrics/comparison/verdict.ts";
import { UserError } from "../errors/user_error.ts";
import { type DenseTask, openDenseTask } from "./tasks/dense_task.ts";
import { type Model, openModel } from "./models/open_model.ts";
import { evaluateModel } from "./classification.ts";
import { evaluateDense, metricsOfDenseTask } from "./dense.ts";
import { readCosts } from "./classification.ts";
import type { Evaluation } from "./results.ts";
import { type EvaluationTask, openEvaluationTask } from "./tasks/classification_task.ts";
import type { FeatureKind } from "./features/pooled.ts";
import { openMeasurementCache } from "./measurement_cache.ts";
import { pooledFeatureFolder } from "./features/pooled_cache.ts";

/** Options of {@linkcode evaluateModels}. */
export interface EvaluateModelsOptions {
  /** Side in pixels at which all models see the images. */
  readonly canvas: number;
  /** Default "cls". */
  readonly feature?: FeatureKind | undefined;
  /** Of whole images and of their pixels. Default "knn", and of dense tasks all that fit. */
  readonly metrics?: readonly (EvaluationMetric | DenseMetric)[] | undefined;
  /** Neighbours, or several numbers of them. Default 20. */
  readonly k?: number | readonly number[] | undefined;
  /** Path of a CSV of what errors cost on the only task: see {@linkcode parseCostMatrix}. */
  readonly costs?: string | undefined;
  /** What handing on an image to a person costs, in the unit of `costs`. Default: none is handed on. */
  readonly rejection?: number | undefined;
  /** At most so many train and test images of each task. Default: all. */
  readonly limit?: number | undefined;
  /** Draws parts and intervals. Default 0. */
  readonly seed?: number | undefined;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string;
  /** Folder that keeps features. Default: in the user's cache. */
  readonly features?: string;
  /** File of what was measured, see {@linkcode openMeasurementCache}. Default: everything is measured anew. */
  readonly resume?: string | undefined;
  /** Told of every row when it is there, without a verdict. */
  readonly onRow?: (row: EvaluationRow) => void;
  /** Told of images done. */
  readonly onProgress?: (model: string, task: string, done: number, total: number) => void;
}

/** A model to be measured: what {@linkcode openModel} takes, and what tables call it. */
export interface ModelSpec {
  /** A name that {@linkcode openModel} knows. */
  readonly source: string;
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
 * const { rows } = await evaluateModels([{ source: "pixels" }], ["digits"], { canvas: 32, limit: 100 });
 * if (rows[0]?.model !== "pixels") throw new Error("One row");
 * ```
 */
export async function evaluateModels(
  choices: readonly ModelSpec[],
  taskNames: readonly string[],
  options: EvaluateModelsOptions,
): Promise<Evaluation> {
  const { onRow, onProgress, cache, limit, canvas, seed, costs: path, ...asked } = options;
  const { features = pooledFeatureFolder(), resume, metrics, ...measure } = asked;
  const { image, dense } = metricsByKind(metrics);
  const log = resume === undefined ? {} : { measured: await openMeasurementCache(resume) };
  const costsOf = path === undefined ? undefined : await readCosts(path, taskNames);
  const tasks: EvaluationTask[] = [];
  const denseTasks: DenseTask[] = [];
  const shared = {
    ...log,
    ...(seed === undefined ? {} : { seed }),
    ...(onRow === undefined ? {} : { onRow }),
  };
  try {
    for (const name of taskNames) {
      const denseTask = await openDenseTask(name, {
        ...(limit === undefined ? {} : { limit }),
        ...(cache === undefined ? {} : { cache }),
      });
      if (denseTask !== undefined) {
        denseTasks.push(denseTask);
        checkMetrics(name, metrics, dense, metricsOfDenseTask(denseTask));
        continue;
      }
      checkMetrics(name, metrics, image, evaluationMetrics);
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
    const models: [string, Model["role"]][] = [];
    for (const { source, ...named } of choices) {
      const encoder = await openModel(source, named);
      try {
        const found = await evaluateModel(encoder, tasks, {
          ...measure,
          ...matrix,
          ...shared,
          ...(image === undefined ? {} : { metrics: image }),
          features,
          onProgress: (task, done, total) => onProgress?.(encoder.name, task, done, total),
        });
        measured.push(...found.measured);
        for (const task of denseTasks) {
          const rows = await evaluateDense(encoder, task, {
            ...shared,
            ...(dense === undefined ? {} : { metrics: dense }),
            onProgress: (done, total) => onProgress?.(encoder.name, task.name, done, total),
          });
          measured.push(...rows);
        }
        costs.push(found.cost);
        models.push([encoder.name, encoder.role]);
      } finally {
        encoder.backbone.dispose();
      }
    }
    const excluded = tasks.flatMap(({ name: task, excluded = [] }) =>
      excluded.map((image) => ({ task, ...image }))
    );
    return {
      rows: addVerdicts(measured, seed ?? 0),
      costs,
      models,
      ...(excluded.length === 0 ? {} : { excluded }),
    };
  } finally {
    for (const task of [...tasks, ...denseTasks]) task.close();
  }
}

/** Undefined where none was asked for; empty where only those of the other kind were. */
function metricsByKind(metrics: readonly (EvaluationMetric | DenseMetric)[] | undefined) {
  if (metrics === undefined) return {};
  const among = <Name extends string>(names: readonly Name[]) =>
    names.filter((name) => metrics.some((metric) => metric === name));
  return { image: among(evaluationMetrics), dense: among(denseMetrics) };
}

/** Where several kinds of tasks are measured at once, each takes the metrics that fit it. */
function checkMetrics(
  task: string,
  asked: readonly string[] | undefined,
  own: readonly string[] | undefined,
  fitting: readonly string[],
): void {
  if (own === undefined || own.some((metric) => fitting.includes(metric))) return;
  throw new UserError(
    `Cannot measure "${task}" by ${asked?.join(", ")}: expected at least one of ` +
      `${fitting.join(", ")}. Name one of them with --metric.`,
  );
}
