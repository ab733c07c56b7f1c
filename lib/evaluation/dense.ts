/** Frozen patch tokens, measured on dense tasks. */
import * as tf from "@tensorflow/tfjs";
import { depthScore } from "../metrics/dense/depth_score.ts";
import {
  type DenseMetric,
  denseMetricNames,
  denseMetrics,
} from "../metrics/comparison/evaluation_metric.ts";
import { fitDepth, predictDepth } from "../metrics/dense/linear_depth.ts";
import { fitSegmentation, predictSegmentation } from "../metrics/dense/linear_segmentation.ts";
import { patchBank, patchKnnSegmentation } from "../metrics/dense/patch_knn_segmentation.ts";
import { confusionMatrix, segmentationScore } from "../metrics/dense/segmentation_score.ts";
import type { Measurement } from "../metrics/probes/image_metrics.ts";
import { type RandomStream, randomStream } from "../tensors/random.ts";
import { type Evaluator, measureByMetrics, type Metric } from "./evaluator.ts";
import { extractTaskTokens, type TaskTokens } from "./features/patches.ts";
import type { DenseTask, DepthTask, SegmentationTask } from "./tasks/task.ts";

/** Options of {@linkcode denseEvaluator}. */
export interface DenseOptions {
  /** Those that fit the task are measured, in the order of `denseMetrics`. Default: all. */
  readonly metrics?: readonly Metric[] | undefined;
  /** Draws heads and intervals. Default: 0. */
  readonly seed?: number | undefined;
}

/** To be raised when a metric comes to measure something else. */
const format = 1;

/** The metrics that fit each kind of dense task. */
export const metricsOfDenseTasks: Readonly<Record<DenseTask["kind"], readonly DenseMetric[]>> = {
  segmentation: ["segmentation", "patch_knn"],
  depth: ["depth"],
};

/**
 * Measures models on a dense task: a row for each metric that fits it.
 *
 * @example
 * ```ts
 * import { denseEvaluator } from "./dense.ts";
 * import { openDenseTask } from "./tasks/dense_task.ts";
 * const task = await openDenseTask("world_parts", { limit: 12 });
 * const { metrics } = denseEvaluator(task, { metrics: ["knn", "patch_knn"] });
 * if (metrics.join() !== "patch_knn") throw new Error("The other is of whole images");
 * task.close();
 * ```
 */
export function denseEvaluator(task: DenseTask, options: DenseOptions = {}): Evaluator {
  const { metrics: requested = denseMetrics, seed = 0 } = options;
  const metrics = metricsOfDenseTasks[task.kind].filter((metric) => requested.includes(metric));
  const images = [task.name, task.canvas, task.tiles, task.train.digest, task.test.digest];
  return {
    task,
    metrics,
    measure: (model, measureOptions = {}) => {
      const { name, role, backbone } = model, { digest, input } = backbone;
      return measureByMetrics(model, {
        task,
        metrics,
        seed,
        cacheKey: (metric) => ["dense", format, name, role, digest, input, images, metric, seed],
        prepare: async () => {
          const tokens = await extractTaskTokens(backbone, task, measureOptions.onProgress);
          return (metric) => measureTokens(metric, tokens, task, seed);
        },
      }, measureOptions);
    },
  };
}

/** One measurement, whose value is the mean of its scores in percent. */
async function* measureTokens(
  metric: DenseMetric,
  tokens: TaskTokens,
  task: DenseTask,
  seed: number,
): AsyncGenerator<Measurement> {
  const scores = task.kind === "depth"
    ? await depthErrors(tokens, task, denseStream(seed, metric))
    : await segmentationScores(task, await predictMasks(metric, tokens, task, seed));
  const value = 100 * scores.reduce((sum, score) => sum + score, 0) / scores.length;
  yield { name: denseMetricNames[metric], value, scores };
}

function denseStream(seed: number, metric: DenseMetric): RandomStream {
  return randomStream(seed).at("dense", metric);
}

/** `[images]`, the errors of a linear head. */
async function depthErrors(
  { train, test }: TaskTokens,
  { canvas: side, ...parts }: DepthTask,
  random: RandomStream,
): Promise<Float64Array> {
  const head = await fitDepth({ ...train, depths: parts.train.truth, side }, random);
  try {
    const depths = await predictDepth(head, test, side);
    return depthScore(parts.test.truth, depths, parts.test.count).errors;
  } finally {
    tf.dispose(head.parameters);
  }
}

/**
 * The classes of every pixel of the test images, `[images, canvas, canvas]`, by a linear head or by the
 * neighbours of patches.
 *
 * @param seed draws the head or the patches.
 */
export async function predictMasks(
  metric: DenseMetric,
  { train, test }: TaskTokens,
  task: SegmentationTask,
  seed: number,
): Promise<Uint8Array> {
  const random = denseStream(seed, metric), side = task.canvas;
  const known = { ...train, masks: task.train.truth, side, classes: task.classes.length };
  return metric === "segmentation"
    ? await predictSegmentation(await fitSegmentation(known, random), test, side)
    : await patchKnnSegmentation(patchBank(known, random), test, side);
}

/** `[images]`, to first order; their mean is the mean IoU. */
function segmentationScores(
  { canvas, classes, test: { count, truth } }: SegmentationTask,
  predicted: Uint8Array,
): Float64Array {
  const size = canvas * canvas;
  const confusions = Array.from({ length: count }, (_, image) => {
    const [from, to] = [image * size, (image + 1) * size];
    return confusionMatrix(truth.subarray(from, to), predicted.subarray(from, to), classes.length);
  });
  return segmentationScore(confusions, classes.length).scores;
}
