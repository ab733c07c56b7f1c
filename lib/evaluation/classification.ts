/** Frozen encoders on labelled images. */
import * as tf from "@tensorflow/tfjs";
import { bootstrapInterval } from "../metrics/comparison/bootstrap.ts";
import type { CostRow } from "../metrics/costs/cost.ts";
import type { EvaluationMetric } from "../metrics/comparison/evaluation_metric.ts";
import { imageMetrics, type Measurement } from "../metrics/probes/image_metrics.ts";
import { countOperations } from "../metrics/costs/operations.ts";
import type { EvaluationRow } from "../metrics/comparison/scorecard.ts";
import type { MeasuredRow } from "../metrics/comparison/verdict.ts";
import { randomStream } from "../tensors/random.ts";
import type { Backbone } from "../teachers/backbone.ts";
import type { Model } from "./models/open_model.ts";
import type { EvaluationTask } from "./tasks/classification_task.ts";
import {
  chooseFeature,
  type FeatureExtractor,
  featureExtractor,
  type FeatureKind,
} from "./features/pooled.ts";
import type { MeasurementCache } from "./measurement_cache.ts";
import { cachedExtractor } from "./features/pooled_cache.ts";
import { type CostMatrix, parseCostMatrix } from "../metrics/costs/cost_matrix.ts";
import { UserError } from "../errors/user_error.ts";

/** Options of {@linkcode evaluateModel}. */
export interface EvaluateOptions {
  /** Default "cls". */
  readonly feature?: FeatureKind | undefined;
  /** Default only "knn". */
  readonly metrics?: readonly EvaluationMetric[];
  /** Neighbours, or several numbers of them. Default 20. */
  readonly k?: number | readonly number[] | undefined;
  /** What errors cost on the one task; decisions of a logistic regression are measured by it. */
  readonly costs?: CostMatrix;
  /** What handing on an image costs, in the unit of `costs`. Default: none is handed on. */
  readonly rejection?: number | undefined;
  /** Draws the intervals. Default 0. */
  readonly seed?: number;
  /** Folder that keeps features, see {@linkcode cachedExtractor}. Default: they are not kept. */
  readonly features?: string;
  /** What was measured before is taken from there, and what is measured now is kept there. */
  readonly measured?: MeasurementCache;
  /** Told of every row when it is there, without a verdict. */
  readonly onRow?: (row: EvaluationRow) => void;
  /** Told of images done. */
  readonly onProgress?: (task: string, done: number, total: number) => void;
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Measures one encoder on tasks of one canvas. Its features are extracted once for all metrics.
 *
 * @returns a row for each task and metric (few shots: for each number of them), the same rows with what
 * they are means of, and what an image costs, timed on the first task.
 *
 * @example
 * ```ts
 * import { evaluateModel, openModel, openEvaluationTask, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const encoder = await openModel("pixels");
 * const task = await openEvaluationTask("digits", { canvas: 32, limit: 200 });
 * const { rows } = await evaluateModel(encoder, [task]);
 * if ((rows[0]?.value ?? 0) < 50) throw new Error("Pixels tell most digits apart");
 * task.close();
 * ```
 */
export async function evaluateModel(
  encoder: Model,
  tasks: readonly EvaluationTask[],
  options: EvaluateOptions = {},
): Promise<{ rows: EvaluationRow[]; measured: MeasuredRow[]; cost: CostRow }> {
  const { now = () => performance.now() } = options;
  const { name: model, backbone } = encoder;
  const extractor = featureExtractor(backbone);
  const { features: folder } = options;
  const kept = folder === undefined ? extractor : cachedExtractor(extractor, backbone, folder);
  try {
    const measured: MeasuredRow[] = [];
    for (const task of tasks) {
      measured.push(...await evaluateTask(encoder, kept, { ...options, task, now }));
    }
    const cost: CostRow = {
      model,
      parameters: backbone.parameterCount,
      gflop: await gflopOf(backbone),
      ...(tasks[0] ? { milliseconds: await timeImage(extractor, tasks[0], now) } : {}),
    };
    return { rows: measured.map(({ row }) => row), measured, cost };
  } finally {
    extractor.dispose();
  }
}

type TaskOptions = EvaluateOptions & { readonly task: EvaluationTask; readonly now: () => number };

async function evaluateTask(
  encoder: Model,
  extractor: FeatureExtractor,
  options: TaskOptions,
): Promise<MeasuredRow[]> {
  const { metrics = ["knn"], costs, measured: log } = options;
  const all = new Set([...metrics, ...(costs === undefined ? [] : ["logistic" as const])]);
  let metricOf: ReturnType<typeof imageMetrics> | undefined;
  const measured: MeasuredRow[] = [];
  for (const metric of all) {
    const circumstances = cacheKeyOf(encoder, metric, options);
    let rows = log?.find(circumstances);
    if (rows === undefined) {
      const begun = options.now();
      metricOf ??= await openMetrics(extractor, options);
      rows = await measureRows(encoder, metricOf(metric), { ...options, begun });
      await log?.add(circumstances, rows);
    }
    rows.forEach(({ row }) => options.onRow?.(row));
    measured.push(...rows);
  }
  return measured;
}

/** To be raised when a metric comes to measure something else. */
const format = 2;

/** Everything that a measurement depends on. */
function cacheKeyOf(
  { name, role, backbone: { digest, input } }: Model,
  metric: EvaluationMetric,
  { task, feature = "cls", k = 20, seed = 0, costs, rejection }: TaskOptions,
): unknown {
  const images = [task.name, task.train.canvas, task.train.digest, task.test.digest];
  const asked = metric === "knn"
    ? k
    : metric === "logistic"
    ? [costs ?? null, rejection ?? null]
    : null;
  return [format, name, role, digest, input, images, feature, metric, asked, seed];
}

async function openMetrics(
  extractor: FeatureExtractor,
  { task: { name: task, train, test }, feature = "cls", onProgress, ...options }: TaskOptions,
): Promise<ReturnType<typeof imageMetrics>> {
  const total = train.count + test.count;
  const trained = await extractor.extract(train, {
    onProgress: (done) => onProgress?.(task, done, total),
  });
  const tested = await extractor.extract(test, {
    onProgress: (done) => onProgress?.(task, train.count + done, total),
  });
  return imageMetrics(
    { ...chooseFeature(trained, feature), labels: train.labels },
    { ...chooseFeature(tested, feature), labels: test.labels },
    options,
  );
}

async function measureRows(
  { name: model, role }: Model,
  measurements: AsyncGenerator<Measurement>,
  { task: { name: task, test }, seed = 0, now, begun }: TaskOptions & { readonly begun: number },
): Promise<MeasuredRow[]> {
  // The same draws for every model, so that their intervals can be compared.
  const draws = randomStream(seed).at("bootstrap", task);
  const rows: MeasuredRow[] = [];
  let since = begun;
  for await (const { name: metric, value, scores } of measurements) {
    const { low, high } = bootstrapInterval(scores, draws);
    const interval = { value, low: 100 * low, high: 100 * high };
    const seconds = (now() - since) / 1000;
    const row = { model, task, metric, ...interval, images: test.count, seconds };
    rows.push({ row, role, scores });
    since = now();
  }
  return rows;
}

/** Of one image that has the network's own size already. */
async function gflopOf(backbone: Backbone): Promise<number> {
  const { size } = backbone.input;
  return await countOperations(() => backbone.features(tf.zeros([1, size, size, 3]))) / 1e9;
}

/** Milliseconds per image: the fastest of five batches, everything being compiled already. */
async function timeImage(
  extractor: FeatureExtractor,
  { test }: EvaluationTask,
  now: () => number,
): Promise<number> {
  const batch = { ...test, count: Math.min(64, test.count) };
  let fastest = Infinity;
  for (let i = 0; i < 5; i++) {
    const begun = now();
    await extractor.extract(batch);
    fastest = Math.min(fastest, now() - begun);
  }
  return fastest / 64;
}

/** Bytes of a file at most: what a matrix of 2,000 classes needs. */
const maximumBytes = 64 * 1024 * 1024;

/**
 * Reads the costs of the only task, before it is opened.
 *
 * @returns the matrix, once the classes are known.
 * @throws {UserError} where there are several tasks, or the file cannot be read or is too large; later,
 * where it is not a cost matrix of the classes.
 */
export async function readCosts(
  path: string,
  tasks: readonly string[],
): Promise<(classes: readonly string[]) => CostMatrix> {
  if (tasks.length !== 1) {
    throw new UserError(
      `Cannot use the costs of "${path}": found ${tasks.length} image sets (${
        tasks.join(", ")
      }), ` +
        "expected one, whose classes the costs are of. Evaluate one set at a time.",
    );
  }
  const info = await Deno.stat(path).catch(() => undefined);
  if (!info?.isFile || info.size > maximumBytes) {
    const found = info?.isFile ? `${info.size} bytes` : "no such file";
    throw new UserError(
      `Cannot read the costs of "${path}": found ${found}, expected a CSV of at most ` +
        `${maximumBytes} bytes. Check the path.`,
    );
  }
  const text = await Deno.readTextFile(path);
  return (classes) => parseCostMatrix(text, classes, path);
}
