/** Accuracy and speed of exported files, in the runtime that will run them. */
import { classificationEvaluator } from "../evaluation/classification.ts";
import type { FeatureKind } from "../evaluation/features/pooled.ts";
import type { MeasurementCache } from "../evaluation/measurement_cache.ts";
import type { ClassificationTask } from "../evaluation/tasks/task.ts";
import { quantile } from "../metrics/costs/latency.ts";
import type { OnnxRuntime } from "../export/onnx/runtime.ts";
import type { Backbone } from "../teachers/backbone.ts";
import { sha256 } from "../weights/verified_file.ts";
import { onnxExtractor } from "./onnx_extractor.ts";

/** How accuracy is measured. */
export interface FileMeasurement {
  readonly tasks: readonly ClassificationTask[];
  readonly k: number | readonly number[];
  readonly feature: FeatureKind;
  /** Keeps what was measured of a file before. */
  readonly cache: MeasurementCache;
  readonly onProgress: (task: string, done: number, total: number) => void;
}

/**
 * k-NN accuracy on every task of the features that a file gives, in percent; of several numbers of neighbours
 * the first.
 */
export async function measureAccuracy(
  runtime: OnnxRuntime,
  { model, backbone }: { readonly model: Uint8Array; readonly backbone: Backbone },
  { tasks, k, feature, cache, onProgress }: FileMeasurement,
): Promise<{ task: string; accuracy: number }[]> {
  const session = await runtime.open(model);
  const digest = await sha256(model), rows: { task: string; accuracy: number }[] = [];
  const measured = {
    ...{ name: backbone.name, role: "student" as const },
    backbone: { ...backbone, digest },
    extractor: onnxExtractor(runtime, session, backbone),
  };
  try {
    for (const task of tasks) {
      const evaluator = classificationEvaluator(task, { metrics: ["knn"], k, feature });
      const [first] = await evaluator.measure(measured, {
        cache,
        onProgress: (done, total) => onProgress(task.name, done, total),
      });
      rows.push({ task: task.name, accuracy: first!.row.value });
    }
    return rows;
  } finally {
    await session.release();
  }
}

/** Rounds over all files, so that none has a quiet moment to itself; calls in each, and calls to warm up. */
const rounds = 10, calls = 10, warmUp = 3;

/**
 * Milliseconds that a tenth of the calls of each file with one image stay within: what it takes where nothing else runs
 * on the processor.
 *
 * @param size side in pixels of the files' images
 */
export async function measureMilliseconds(
  runtime: OnnxRuntime,
  files: readonly { readonly model: Uint8Array; readonly size: number }[],
  onProgress: (done: number, total: number) => void,
): Promise<number[]> {
  const times = files.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { model, size }] of files.entries()) {
      const session = await runtime.open(model);
      const feed = runtime.feedPrepared(new Float32Array(3 * size ** 2), size);
      for (let call = 0; call < warmUp + calls; call++) {
        const begun = performance.now();
        await session.run(feed);
        if (call >= warmUp) times[i]!.push(performance.now() - begun);
      }
      await session.release();
      onProgress(round * files.length + i + 1, rounds * files.length);
    }
  }
  return times.map((own) => quantile(own.sort((a, b) => a - b), 0.1));
}
