/** Several models on several tasks, side by side. */
import { normalize } from "node:path";
import type { CostRow } from "../metrics/costs/cost.ts";
import type { EvaluationRow, MeasuredRow } from "../metrics/comparison/evaluation_row.ts";
import { addVerdicts } from "../metrics/comparison/verdict.ts";
import type { Work } from "../io/progress_line.ts";
import { checkEvaluation } from "./check_evaluation.ts";
import { classificationEvaluator, type ClassificationOptions } from "./classification.ts";
import { denseEvaluator } from "./dense.ts";
import type { Evaluator, MeasureOptions } from "./evaluator.ts";
import { featureExtractor } from "./features/pooled.ts";
import { cachedExtractor, pooledFeatureFolder } from "./features/pooled_cache.ts";
import { openMeasurementCache } from "./measurement_cache.ts";
import { costOf } from "./model_cost.ts";
import type { DecodeOptions } from "../images/codec/decode_options.ts";
import { nameModels } from "./models/name_models.ts";
import { type Model, type ModelSpec, openModel } from "./models/open_model.ts";
import type { Evaluation, ExcludedImage } from "./results.ts";
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
  /** Parts of folders and zips to learn from and to measure on, see {@linkcode OpenTaskOptions}. */
  readonly split?: readonly string[] | undefined;
  /** Receives which images were read, and what was supposed or passed over in a model's file. */
  readonly onNote?: ((line: string) => void) | undefined;
  /** Receives every row as soon as it is measured, without a verdict. */
  readonly onRow?: ((row: EvaluationRow) => void) | undefined;
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
  await checkEvaluation({ models, tasks, ...options });
  const cache = resume === undefined ? undefined : await openMeasurementCache(resume);
  const named = await nameModels(models);
  const evaluators = await openEvaluators(differentTasks(tasks), options);
  try {
    const [measured, costs]: [MeasuredRow[], CostRow[]] = [[], []];
    const roles: [string, Model["role"]][] = [];
    for (const spec of named) {
      const model = await openModel(spec.source, spec);
      for (const note of model.backbone.notes ?? []) options.onNote?.(`${model.name}: ${note}`);
      try {
        const { rows, cost } = await measureModel(model, evaluators, {
          ...{ cache, features, onRow },
          onProgress: (task, done, total) =>
            onWork?.({ stage: `${model.name} on ${task}`, done, total, unit: "images" }),
        });
        measured.push(...rows);
        costs.push(cost);
        roles.push([model.name, model.role]);
      } finally {
        model.backbone.dispose();
      }
    }
    const excluded = evaluators.flatMap(({ task }) => excludedFrom(task));
    const listed = evaluators.flatMap(({ task: { name, listed } }) =>
      listed === undefined ? [] : [[name, listed] as const]
    );
    const evaluation = { rows: addVerdicts(measured, seed), costs, models: roles };
    // Without the keys where there are none, as the file has it: what is read equals what was written.
    return {
      ...evaluation,
      ...excluded.length === 0 ? {} : { excluded },
      ...listed.length === 0 ? {} : { listed },
    };
  } finally {
    for (const { task } of evaluators) task.close();
  }
}

/** Options of {@linkcode measureModel}. */
export interface MeasureModelOptions extends Omit<MeasureOptions, "onProgress"> {
  /** Folder that keeps features, see {@linkcode cachedExtractor}. Default: they are not kept. */
  readonly features?: string | undefined;
  /** Called with the number of images whose features are extracted, and of all. */
  readonly onProgress?: ((task: string, done: number, total: number) => void) | undefined;
}

/**
 * Measures one model on all tasks, and what an image costs it, timed on the first classification task.
 *
 * @throws {UserError} where features cannot be used.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { openModel } from "@hashigo/hashigo/evaluation";
 * import { denseEvaluator } from "./dense.ts";
 * import { measureModel } from "./evaluate_models.ts";
 * import { openDenseTask } from "./tasks/dense_task.ts";
 * await startEngine();
 * const model = await openModel("resnet20_cifar10");
 * const task = await openDenseTask("world_parts", { limit: 12 });
 * const evaluator = denseEvaluator(task, { metrics: ["patch_knn"] });
 * const { rows } = await measureModel(model, [evaluator]);
 * if (!((rows[0]?.row.value ?? 0) > 20)) throw new Error("Background is easy");
 * model.backbone.dispose();
 * task.close();
 * ```
 */
export async function measureModel(
  model: Model,
  evaluators: readonly Evaluator[],
  { features, onProgress, ...options }: MeasureModelOptions = {},
): Promise<{ rows: MeasuredRow[]; cost: CostRow }> {
  const { backbone } = model;
  const plain = featureExtractor(backbone);
  const extractor = features === undefined ? plain : cachedExtractor(plain, backbone, features);
  try {
    const rows: MeasuredRow[] = [];
    for (const evaluator of evaluators) {
      rows.push(
        ...await evaluator.measure({ ...model, extractor }, {
          ...options,
          onProgress: (done, total) => onProgress?.(evaluator.task.name, done, total),
        }),
      );
    }
    const tasks = evaluators.map(({ task }) => task);
    const images = tasks.find((task) => task.kind === "classification")?.test;
    return { rows, cost: await costOf(model, plain, { images, now: options.now }) };
  } finally {
    plain.dispose();
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
