/** Several models on several tasks, side by side. */
import { normalize } from "node:path";
import type { CostRow } from "../metrics/costs/cost.ts";
import type { EvaluationRow, MeasuredRow } from "../metrics/comparison/evaluation_row.ts";
import { meanVerdicts } from "../metrics/comparison/mean_difference.ts";
import { addVerdicts } from "../metrics/comparison/verdict.ts";
import { type FittedReadout, readoutText } from "../teachers/readout/readout.ts";
import type { Work } from "../io/progress_line.ts";
import type { Shard } from "../io/shard.ts";
import { checkEvaluation } from "./check_evaluation.ts";
import { classificationEvaluator, type ClassificationOptions } from "./classification.ts";
import { denseEvaluator } from "./dense.ts";
import type { Evaluator } from "./evaluator.ts";
import { pooledFeatureFolder } from "./features/pooled_cache.ts";
import { classificationTasks, measureModel, measureReadout } from "./measure_model.ts";
import { openMeasurementCache } from "./measurement_cache.ts";
import { partPath } from "./measured_parts.ts";
import { pairsOfShard } from "./pairs_of_shard.ts";
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { nameModels } from "./models/name_models.ts";
import type { Model, ModelSpec } from "./models/open_model.ts";
import {
  checkRequest,
  openReadable,
  readModel,
  type ReadoutRequest,
} from "./readout/read_model.ts";
import type { Evaluation, ExcludedImage, ModelReadout } from "./results.ts";
import { readCosts } from "./tasks/cost_file.ts";
import { nameTasks } from "./name_tasks.ts";
import { openTask } from "./tasks/open_task.ts";
import type { EvaluationTask } from "./tasks/task.ts";

/** Options of {@linkcode evaluateModels}. */
export interface EvaluateModelsOptions extends Omit<ClassificationOptions, "costs">, DecodeOptions {
  /** Side in pixels at which all models see the images of classification tasks. */
  readonly canvas: number;
  /** Path of a CSV of what errors cost on the only task: see {@linkcode parseCostMatrix}. */
  readonly costs?: string | undefined;
  /** Most train and most test images of each task. Default: all. */
  readonly limit?: number | undefined;
  /** Folder of decoded images. Default: the user's cache. */
  readonly cache?: string | undefined;
  /** Folder that keeps features. Default: in the user's cache. */
  readonly features?: string | undefined;
  /** File of measurements, see {@linkcode openMeasurementCache}. Default: everything is measured. */
  readonly resume?: string | undefined;
  /**
   * Only so many of the pairs of a model and a task, see {@linkcode pairsOfShard}: other processes measure the others.
   * Measurements are then kept in a file of the part beside `resume`, see {@linkcode finishPart}. Default: all.
   */
  readonly shard?: Shard | undefined;
  /**
   * How features are read. All but "as_is" are measured beside as they are, in rows of their own: "chosen" for
   * each model by cross-validation on train parts, or one that is named. Default: "as_is".
   */
  readonly readout?: ReadoutRequest | undefined;
  /** Receives how a model is read out, with its source. */
  readonly onReadout?:
    | ((source: string, readout: FittedReadout) => void | Promise<void>)
    | undefined;
  /** Parts of folders and zips to learn from and to measure on, see {@linkcode OpenTaskOptions}. */
  readonly split?: readonly string[] | undefined;
  /** Whether a third of the train part is measured on, see {@linkcode OpenTaskOptions}. Default: false. */
  readonly validation?: boolean | undefined;
  /** Receives which images were read, and what was supposed or passed over in a model's file. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Receives every row as soon as it is measured, without a verdict. */
  readonly onRow?: ((row: EvaluationRow) => void) | undefined;
  /** Receives all rows at the end, each with the scores that its value is the mean of. */
  readonly onMeasured?: ((measured: readonly MeasuredRow[]) => void) | undefined;
  /** Gets how far the packing of images and the extraction of features have come. */
  readonly onWork?: ((work: Work) => void) | undefined;
}

/**
 * Measures models on tasks, one model in memory at a time. Models, and tasks, that would be called the
 * same are told apart by their paths; what is given twice is measured once. Where a student has teachers beside it, its
 * rows say how it does against the best of them. By default, classification tasks are measured by
 * "knn", dense tasks by all metrics that fit; the rows of the former come first.
 *
 * @throws {UserError} where a model, a task, a metric or the costs cannot be used: names and files are
 * looked at before the first image is decoded, and all tasks are opened before the first model is.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { evaluateModels } from "@hashigo/hashigo/evaluation";
 * await startEngine();
 * const { rows } = await evaluateModels([{ source: "pixels" }], ["digits"], { canvas: 32, limit: 100 });
 * if (rows[0]?.model !== "pixels") throw new Error("One row");
 * ```
 */
export async function evaluateModels(
  models: readonly ModelSpec[],
  tasks: readonly string[],
  options: EvaluateModelsOptions,
): Promise<Evaluation> {
  const { resume, features = pooledFeatureFolder(), onRow, onWork, seed = 0 } = options;
  const { readout = "as_is", shard, onNote } = options;
  await checkEvaluation({ models, tasks, ...options });
  await checkRequest(models, readout);
  const cache = resume === undefined
    ? undefined
    : shard === undefined
    ? await openMeasurementCache(resume)
    : await openMeasurementCache(partPath(resume, shard), [resume]);
  const named = await nameModels(models);
  const evaluators = await openEvaluators(differentTasks(tasks), options);
  try {
    const pairs = pairsOfShard(named, evaluators, { shard, readout });
    const [measured, costs]: [MeasuredRow[], CostRow[]] = [[], []];
    const roles: [string, Model["role"]][] = [];
    const readouts: ModelReadout[] = [];
    for (const [spec, own] of pairs) {
      const model = await openReadable(spec, readout, onNote);
      for (const note of model.backbone.notes ?? []) onNote?.(`${model.name}: ${note}`);
      const onProgress = (task: string, done: number, total: number) =>
        onWork?.({ stage: `${model.name} on ${task}`, done, total, unit: "images" });
      try {
        const measuring = { cache, features, onRow, onProgress };
        const { rows, cost } = await measureModel(model, own, measuring);
        measured.push(...rows);
        costs.push(cost);
        if (readout !== "as_is") {
          const read = await readModel(model, readout, classificationTasks(own), {
            ...{ seed, folder: features, onNote, onProgress },
          });
          if (read !== undefined) {
            readouts.push({
              model: model.name,
              readout: readoutText(read),
              ...read.corpus === undefined ? {} : { corpus: read.corpus },
            });
            onNote?.(`${model.name} is read out: ${readoutText(read)}`);
            await options.onReadout?.(spec.source, read);
            measured.push(...await measureReadout(model, { read, rows }, own, measuring));
          }
        }
        roles.push([model.name, model.role]);
      } finally {
        model.backbone.dispose();
      }
    }
    options.onMeasured?.(measured);
    const excluded = evaluators.flatMap(({ task }) => excludedFrom(task));
    const listed = evaluators.flatMap(({ task: { name, listed } }) =>
      listed === undefined ? [] : [[name, listed] as const]
    );
    const evaluation = { rows: addVerdicts(measured, seed), costs, models: roles };
    const means = meanVerdicts(measured, seed);
    // Without the keys where there are none, as the file has it: what is read equals what was written.
    return {
      ...evaluation,
      ...excluded.length === 0 ? {} : { excluded },
      ...listed.length === 0 ? {} : { listed },
      ...means.length === 0 ? {} : { means },
      ...readouts.length === 0 ? {} : { readouts },
    };
  } finally {
    for (const { task } of evaluators) task.close();
  }
}

/** Without those that were named before. */
function differentTasks(tasks: readonly string[]): string[] {
  return [
    ...Map.groupBy(tasks, (task) => normalize(task).replace(/[/\\]+$/, "")).values(),
  ].map(([task]) => task!);
}

/** Opens all tasks; evaluators of classification tasks come first. */
async function openEvaluators(
  tasks: readonly string[],
  { costs: path, ...options }: EvaluateModelsOptions,
): Promise<Evaluator[]> {
  const costsOf = path === undefined ? undefined : await readCosts(path, tasks);
  const opened: EvaluationTask[] = [];
  try {
    for (const source of tasks) {
      const stage = `packing ${source}`;
      opened.push(
        await openTask(source, {
          ...options,
          onListed: (line) => options.onNote?.(`images: ${source}: ${line}`),
          onProgress: (done, total) => options.onWork?.({ stage, done, total, unit: "images" }),
        }),
      );
    }
    const named = nameTasks(opened, tasks);
    const classification = named.filter((task) => task.kind === "classification");
    const dense = named.filter((task) => task.kind !== "classification");
    return [
      ...classification.map((task) =>
        classificationEvaluator(task, { ...options, costs: costsOf?.(task.test.classes) })
      ),
      ...dense.map((task) => denseEvaluator(task, options)),
    ];
  } catch (error) {
    for (const task of opened) task.close();
    throw error;
  }
}

function excludedFrom(task: EvaluationTask): ExcludedImage[] {
  if (task.kind !== "classification") return [];
  return task.excluded?.map((image) => ({ task: task.name, ...image })) ?? [];
}
