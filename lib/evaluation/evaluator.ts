/** What measures models on a task: one contract for whole images and for their pixels. */
import { bootstrapInterval } from "../metrics/comparison/bootstrap.ts";
import type { DenseMetric, EvaluationMetric } from "../metrics/comparison/evaluation_metric.ts";
import type { EvaluationRow, MeasuredRow } from "../metrics/comparison/evaluation_row.ts";
import type { Measurement } from "../metrics/probes/image_metrics.ts";
import { featureVersion } from "../teachers/feature_version.ts";
import { randomStream } from "../tensors/random.ts";
import type { FeatureExtractor } from "./features/pooled.ts";
import type { MeasurementCache } from "./measurement_cache.ts";
import type { Model } from "./models/open_model.ts";
import type { EvaluationTask } from "./tasks/task.ts";

/** A metric of whole images or of their pixels. */
export type Metric = EvaluationMetric | DenseMetric;

/** A model whose pooled features are compiled once for all tasks of one canvas. */
export interface MeasurableModel extends Model {
  /** Extracts its pooled features. */
  readonly extractor: FeatureExtractor;
}

/** Options of {@linkcode Evaluator.measure}. */
export interface MeasureOptions {
  /** Keeps measurements, and spares those that it holds. Default: everything is measured. */
  readonly cache?: MeasurementCache | undefined;
  /** Receives every row as soon as it is measured, without a verdict. */
  readonly onRow?: ((row: EvaluationRow) => void) | undefined;
  /** Called with the number of images whose features are extracted, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Clock in milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/** Measures models on one task. */
export interface Evaluator {
  /** The task, open; it stays the caller's. */
  readonly task: EvaluationTask;
  /** Metrics that are measured, in the order of the rows. */
  readonly metrics: readonly Metric[];
  /**
   * Measures one model by all metrics. Its features are extracted once, if at all.
   *
   * @returns rows in the order of the metrics, each with the scores that its value is the mean of.
   * @throws {UserError} where features cannot be used.
   */
  measure(model: MeasurableModel, options?: MeasureOptions): Promise<MeasuredRow[]>;
}

/** What an evaluator needs to know of its metrics, so that {@linkcode measureByMetrics} can do the rest. */
export interface MetricSource<M extends Metric> {
  readonly task: EvaluationTask;
  readonly metrics: readonly M[];
  /** Draws the intervals. */
  readonly seed: number;
  /** Everything that measurements by a metric depend on. */
  cacheKey(metric: M): unknown;
  /** Extracts features; the function that it resolves to measures them. */
  prepare(): Promise<(metric: M) => AsyncIterable<Measurement>>;
}

/** Measures a model by every metric that the cache does not hold, and makes rows with intervals. */
export async function measureByMetrics<M extends Metric>(
  { name: model, role }: Model,
  { task, metrics, seed, cacheKey, prepare }: MetricSource<M>,
  { cache, onRow, now = () => performance.now() }: MeasureOptions,
): Promise<MeasuredRow[]> {
  // The same draws for every model, so that their intervals can be compared.
  const draws = randomStream(seed).at("bootstrap", task.name);
  const measured: MeasuredRow[] = [], version = await featureVersion();
  let measure: ((metric: M) => AsyncIterable<Measurement>) | undefined;
  for (const metric of metrics) {
    const key = [version, cacheKey(metric)];
    let rows = cache?.find(key);
    if (rows === undefined) {
      rows = [];
      let since = now();
      measure ??= await prepare();
      for await (const { name, value, scores } of measure(metric)) {
        const { low, high } = bootstrapInterval(scores, draws);
        const interval = { value, low: 100 * low, high: 100 * high };
        const seconds = (now() - since) / 1000;
        const images = task.test.count;
        rows.push({
          row: { model, task: task.name, metric: name, ...interval, images, seconds },
          role,
          scores,
        });
        since = now();
      }
      await cache?.add(key, rows);
    }
    for (const { row } of rows) onRow?.(row);
    measured.push(...rows.map((kept) => ({ ...kept, testImages: task.test.digest })));
  }
  return measured;
}
