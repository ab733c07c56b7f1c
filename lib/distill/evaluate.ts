/** Frozen encoders on labelled images. */
import * as tf from "@tensorflow/tfjs";
import { bootstrapInterval } from "../metrics/bootstrap.ts";
import type { CostRow } from "../metrics/cost.ts";
import type { CostMatrix } from "../metrics/cost_matrix.ts";
import type { EvaluationMetric } from "../metrics/evaluation_metric.ts";
import { imageMetrics } from "../metrics/image_metrics.ts";
import { countOperations } from "../metrics/operations.ts";
import type { EvaluationRow } from "../metrics/scorecard.ts";
import type { MeasuredRow } from "../metrics/verdict.ts";
import { randomStream } from "../random.ts";
import type { Teacher } from "../teachers/teacher.ts";
import type { Encoder } from "./encoders.ts";
import type { EvaluationTask } from "./evaluation_task.ts";
import { type FeatureExtractor, featureExtractor, type FeatureKind } from "./extract_features.ts";

/** Options of {@linkcode evaluateEncoder}. */
export interface EvaluateOptions {
  /** Default "cls". */
  readonly feature?: FeatureKind;
  /** Default only "knn". */
  readonly metrics?: readonly EvaluationMetric[];
  /** Neighbours. Default 20. */
  readonly k?: number;
  /** What errors cost on the one task; decisions of a logistic regression are measured by it. */
  readonly costs?: CostMatrix;
  /** Draws the intervals. Default 0. */
  readonly seed?: number;
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
 * import { evaluateEncoder, openEncoder, openEvaluationTask, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const encoder = await openEncoder("pixels");
 * const task = await openEvaluationTask("digits", { canvas: 32, limit: 200 });
 * const { rows } = await evaluateEncoder(encoder, [task]);
 * if ((rows[0]?.value ?? 0) < 50) throw new Error("Pixels tell most digits apart");
 * task.close();
 * ```
 */
export async function evaluateEncoder(
  encoder: Encoder,
  tasks: readonly EvaluationTask[],
  options: EvaluateOptions = {},
): Promise<{ rows: EvaluationRow[]; measured: MeasuredRow[]; cost: CostRow }> {
  const { now = () => performance.now() } = options;
  const extractor = featureExtractor(encoder.network, {
    ...(options.feature === undefined ? {} : { feature: options.feature }),
  });
  try {
    const measured: MeasuredRow[] = [];
    for (const task of tasks) {
      measured.push(...await evaluateTask(encoder, extractor, { ...options, task, now }));
    }
    const { name: model, network } = encoder;
    const cost: CostRow = {
      model,
      parameters: network.parameterCount,
      gflop: await gflopOf(network),
      ...(tasks[0] ? { milliseconds: await timeImage(extractor, tasks[0], now) } : {}),
    };
    return { rows: measured.map(({ row }) => row), measured, cost };
  } finally {
    extractor.dispose();
  }
}

async function evaluateTask(
  { name: model, role }: Encoder,
  extractor: FeatureExtractor,
  options: EvaluateOptions & { readonly task: EvaluationTask; readonly now: () => number },
): Promise<MeasuredRow[]> {
  const { task: { name: task, train, test }, metrics = ["knn"], costs, now, onProgress } = options;
  let begun = now();
  const total = train.count + test.count;
  const trained = await extractor.extract(train, {
    onProgress: (done) => onProgress?.(task, done, total),
  });
  const tested = await extractor.extract(test, {
    onProgress: (done) => onProgress?.(task, train.count + done, total),
  });
  const measure = imageMetrics(
    { ...trained, labels: train.labels },
    { ...tested, labels: test.labels },
    options,
  );
  // The same draws for every model, so that their intervals can be compared.
  const draws = randomStream(options.seed ?? 0).at("bootstrap", task);
  const measured: MeasuredRow[] = [];
  const all = new Set([...metrics, ...(costs === undefined ? [] : ["logistic" as const])]);
  for (const one of all) {
    for await (const { name: metric, value, scores } of measure(one)) {
      const { low, high } = bootstrapInterval(scores, draws);
      const interval = { value, low: 100 * low, high: 100 * high };
      const seconds = (now() - begun) / 1000;
      const row = { model, task, metric, ...interval, images: test.count, seconds };
      measured.push({ row, role, scores });
      begun = now();
    }
  }
  return measured;
}

/** Of one image that has the network's own size already. */
async function gflopOf(network: Teacher): Promise<number> {
  const { size } = network.input;
  return await countOperations(() => network.features(tf.zeros([1, size, size, 3]))) / 1e9;
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
