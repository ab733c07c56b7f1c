/** One model on all tasks: as it is, and read out in another way. */
import type { CostRow } from "../metrics/costs/cost.ts";
import { chosenReadoutName } from "../metrics/comparison/evaluation_metric.ts";
import type { EvaluationRow, MeasuredRow } from "../metrics/comparison/evaluation_row.ts";
import { type FittedReadout, isAsItIs } from "../teachers/readout/readout.ts";
import { withReadout } from "../teachers/readout/readout_backbone.ts";
import type { Evaluator, MeasureOptions } from "./evaluator.ts";
import { type FeatureExtractor, featureExtractor } from "./features/pooled.ts";
import { cachedExtractor } from "./features/pooled_cache.ts";
import { costOf } from "./model_cost.ts";
import type { Model } from "./models/open_model.ts";
import type { ClassificationTask } from "./tasks/task.ts";

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
 * import { measureModel } from "./measure_model.ts";
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
  options: MeasureModelOptions = {},
): Promise<{ rows: MeasuredRow[]; cost: CostRow }> {
  const plain = featureExtractor(model.backbone);
  try {
    const rows = await measureTasks(model, plain, evaluators, options);
    const [task] = classificationTasks(evaluators);
    return { rows, cost: await costOf(model, plain, { images: task?.test, now: options.now }) };
  } finally {
    plain.dispose();
  }
}

async function measureTasks(
  model: Model,
  plain: FeatureExtractor,
  evaluators: readonly Evaluator[],
  { features, onProgress, ...options }: MeasureModelOptions,
): Promise<MeasuredRow[]> {
  const extractor = features === undefined
    ? plain
    : cachedExtractor(plain, model.backbone, features);
  const rows: MeasuredRow[] = [];
  for (const evaluator of evaluators) {
    rows.push(
      ...await evaluator.measure({ ...model, extractor }, {
        ...options,
        onProgress: (done, total) => onProgress?.(evaluator.task.name, done, total),
      }),
    );
  }
  return rows;
}

/** The rows of a model that is read out, under the names of the rule for all models. */
export async function measureReadout(
  model: Model,
  { read, rows }: { readonly read: FittedReadout; readonly rows: readonly MeasuredRow[] },
  evaluators: readonly Evaluator[],
  options: MeasureModelOptions,
): Promise<MeasuredRow[]> {
  const renamed = (row: EvaluationRow) => ({ ...row, metric: chosenReadoutName(row.metric) });
  const onRow = (row: EvaluationRow) => options.onRow?.(renamed(row));
  const measure = async () => {
    const backbone = withReadout(model.backbone, read), plain = featureExtractor(backbone);
    try {
      return await measureTasks({ ...model, backbone }, plain, evaluators, { ...options, onRow });
    } finally {
      plain.dispose();
    }
  };
  if (isAsItIs(read)) rows.forEach(({ row }) => onRow(row));
  const measured = isAsItIs(read) ? rows : await measure();
  return measured.map((one) => ({ ...one, row: renamed(one.row) }));
}

/** The tasks of whole images. */
export function classificationTasks(evaluators: readonly Evaluator[]): ClassificationTask[] {
  return evaluators.flatMap(({ task }) => task.kind === "classification" ? [task] : []);
}
