/** Frozen encoders on labelled images, by k-NN. */
import * as tf from "@tensorflow/tfjs";
import { bootstrapInterval } from "../metrics/bootstrap.ts";
import type { CostRow } from "../metrics/cost.ts";
import { knn } from "../metrics/knn.ts";
import { countOperations } from "../metrics/operations.ts";
import type { EvaluationRow } from "../metrics/scorecard.ts";
import { randomStream } from "../random.ts";
import type { Teacher } from "../teachers/teacher.ts";
import type { Encoder } from "./encoders.ts";
import type { EvaluationTask } from "./evaluation_task.ts";
import { type FeatureExtractor, featureExtractor, type FeatureKind } from "./extract_features.ts";

/** Options of {@linkcode evaluateEncoder}. */
export interface EvaluateOptions {
  /** Default "cls". */
  readonly feature?: FeatureKind;
  /** Neighbours. Default 20. */
  readonly k?: number;
  /** Draws the intervals. Default 0. */
  readonly seed?: number;
  /** Told of images done. */
  readonly onProgress?: (task: string, done: number, total: number) => void;
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Measures one encoder on tasks of one canvas: every train image votes with its label, no training.
 *
 * @returns a row for each task, and what an image costs, timed on the first task.
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
): Promise<{ rows: EvaluationRow[]; cost: CostRow }> {
  const { now = () => performance.now() } = options;
  const extractor = featureExtractor(encoder.network, {
    ...(options.feature === undefined ? {} : { feature: options.feature }),
  });
  try {
    const rows: EvaluationRow[] = [];
    for (const task of tasks) {
      rows.push(await evaluateTask(encoder.name, extractor, { ...options, task, now }));
    }
    const { name: model, network } = encoder;
    const cost: CostRow = {
      model,
      parameters: network.parameterCount,
      gflop: await gflopOf(network),
      ...(tasks[0] ? { milliseconds: await timeImage(extractor, tasks[0], now) } : {}),
    };
    return { rows, cost };
  } finally {
    extractor.dispose();
  }
}

async function evaluateTask(
  model: string,
  extractor: FeatureExtractor,
  options: EvaluateOptions & { readonly task: EvaluationTask; readonly now: () => number },
): Promise<EvaluationRow> {
  const { task: { name: task, train, test }, k = 20, seed = 0, now, onProgress } = options;
  const begun = now();
  const total = train.count + test.count;
  const trained = await extractor.extract(train, {
    onProgress: (done) => onProgress?.(task, done, total),
  });
  const tested = await extractor.extract(test, {
    onProgress: (done) => onProgress?.(task, train.count + done, total),
  });
  const { top1, predictions } = await knn(
    { ...trained, labels: train.labels },
    { ...tested, labels: test.labels },
    { k },
  );
  const right = predictions.map((label, i) => Number(label === test.labels[i]));
  // The same draws for every model, so that their intervals can be compared.
  const { low, high } = bootstrapInterval(right, randomStream(seed).at("bootstrap", task));
  return {
    model,
    task,
    metric: "k-NN accuracy",
    value: top1,
    low: 100 * low,
    high: 100 * high,
    images: test.count,
    seconds: (now() - begun) / 1000,
  };
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
