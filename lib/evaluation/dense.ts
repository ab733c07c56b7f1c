/** Frozen patch tokens against what is known of every pixel. */
import * as tf from "@tensorflow/tfjs";
import { bootstrapInterval } from "../metrics/comparison/bootstrap.ts";
import { depthScore } from "../metrics/dense/depth_score.ts";
import { type DenseMetric, denseMetricNames } from "../metrics/comparison/evaluation_metric.ts";
import { fitDepth, predictDepth } from "../metrics/dense/linear_depth.ts";
import { fitSegmentation, predictSegmentation } from "../metrics/dense/linear_segmentation.ts";
import { patchBank, patchKnnSegmentation } from "../metrics/dense/patch_knn_segmentation.ts";
import type { PatchTokens } from "../metrics/dense/patch_tokens.ts";
import type { EvaluationRow } from "../metrics/comparison/scorecard.ts";
import { confusionMatrix, segmentationScore } from "../metrics/dense/segmentation_score.ts";
import type { MeasuredRow } from "../metrics/comparison/verdict.ts";
import { randomStream } from "../tensors/random.ts";
import type { DenseTask } from "./tasks/dense_task.ts";
import type { Model } from "./models/open_model.ts";
import type { MeasurementCache } from "./measurement_cache.ts";
import { patchExtractor } from "./features/patches.ts";

/** Options of {@linkcode evaluateDense}. */
export interface EvaluateDenseOptions {
  /** Default: all that fit the task. */
  readonly metrics?: readonly DenseMetric[];
  /** Draws heads and intervals. Default 0. */
  readonly seed?: number;
  /** What was measured before is taken from there, and what is measured now is kept there. */
  readonly measured?: MeasurementCache;
  /** Told of every row when it is there, without a verdict. */
  readonly onRow?: (row: EvaluationRow) => void;
  /** Told of the classes of every pixel of the test images, `[images, canvas, canvas]`. */
  readonly onMasks?: (metric: DenseMetric, masks: Uint8Array) => void;
  /** Told of images done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** To be raised when a metric comes to measure something else. */
const format = 1;

/**
 * The metrics that say something of a task.
 *
 * @example
 * ```ts
 * import { metricsOfDenseTask } from "@hashigo/hashigo";
 * if (metricsOfDenseTask({ kind: "depth" }).join() !== "depth") throw new Error("Only depth");
 * ```
 */
export function metricsOfDenseTask({ kind }: Pick<DenseTask, "kind">): DenseMetric[] {
  return kind === "depth" ? ["depth"] : ["segmentation", "patch_knn"];
}

/**
 * Measures one encoder on a dense task, by metrics that fit it. Tokens are extracted once for all of them.
 *
 * @returns a row for each metric, with what it is the mean of.
 * @throws {UserError} where features are not finite.
 *
 * @example
 * ```ts
 * import { evaluateDense, openDenseTask, openModel, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const encoder = await openModel("resnet20_cifar10");
 * const task = (await openDenseTask("world_parts", { limit: 12 }))!;
 * const [row] = await evaluateDense(encoder, task, { metrics: ["patch_knn"] });
 * if (!((row?.row.value ?? 0) > 20)) throw new Error("Background is easy");
 * encoder.backbone.dispose();
 * ```
 */
export async function evaluateDense(
  encoder: Model,
  task: DenseTask,
  options: EvaluateDenseOptions = {},
): Promise<MeasuredRow[]> {
  const { seed = 0, measured: log, onRow, onProgress, now = () => performance.now() } = options;
  const fitting = metricsOfDenseTask(task);
  const metrics = (options.metrics ?? fitting).filter((metric) => fitting.includes(metric));
  const { name, role, backbone: { digest, input } } = encoder;
  const images = [task.name, task.canvas, task.tiles, task.train.digest, task.test.digest];
  const rows: MeasuredRow[] = [];
  let tokens: { readonly train: PatchTokens; readonly test: PatchTokens } | undefined;
  for (const metric of metrics) {
    const circumstances = ["dense", format, name, role, digest, input, images, metric, seed];
    let own = log?.find(circumstances);
    if (own === undefined) {
      const begun = now();
      tokens ??= await extractBoth(encoder, task, onProgress);
      const scores = await measure(metric, tokens, task, options);
      const measuredRow = rowOf(encoder, task, {
        metric,
        scores,
        seconds: (now() - begun) / 1000,
        seed,
      });
      own = [measuredRow];
      await log?.add(circumstances, own);
    }
    own.forEach(({ row }) => onRow?.(row));
    rows.push(...own);
  }
  return rows;
}

async function extractBoth(
  { backbone }: Model,
  task: DenseTask,
  onProgress?: (done: number, total: number) => void,
) {
  const extractor = patchExtractor(backbone, task);
  const { train, test } = task, total = train.count + test.count;
  try {
    return {
      train: await extractor.extract(train, (done) => onProgress?.(done, total)),
      test: await extractor.extract(test, (done) => onProgress?.(train.count + done, total)),
    };
  } finally {
    extractor.dispose();
  }
}

/** `[images]`, whose mean times 100 is the value. */
async function measure(
  metric: DenseMetric,
  { train, test }: { readonly train: PatchTokens; readonly test: PatchTokens },
  task: DenseTask,
  { seed = 0, onMasks }: EvaluateDenseOptions,
): Promise<Float64Array> {
  const side = task.canvas, random = randomStream(seed).at("dense", metric);
  const known = task.train.truth, truth = task.test.truth;
  if (known instanceof Float32Array || truth instanceof Float32Array) {
    const head = await fitDepth({ ...train, depths: Float32Array.from(known), side }, random);
    try {
      const found = await predictDepth(head, test, side);
      return depthScore(Float32Array.from(truth), found, task.test.count).errors;
    } finally {
      tf.dispose(head.parameters);
    }
  }
  const classes = task.classes.length;
  const set = { ...train, masks: known, side, classes };
  const found = metric === "segmentation"
    ? await predictSegmentation(await fitSegmentation(set, random), test, side)
    : await patchKnnSegmentation(patchBank(set, random), test, side);
  onMasks?.(metric, found);
  const size = side * side;
  const confusions = Array.from({ length: task.test.count }, (_, image) => {
    const own = [image * size, (image + 1) * size] as const;
    return confusionMatrix(truth.subarray(...own), found.subarray(...own), classes);
  });
  return segmentationScore(confusions, classes).scores;
}

function rowOf(
  { name: model, role }: Model,
  { name: task, test }: DenseTask,
  { metric, scores, seconds, seed }: {
    readonly metric: DenseMetric;
    readonly scores: Float64Array;
    readonly seconds: number;
    readonly seed: number;
  },
): MeasuredRow {
  const { low, high } = bootstrapInterval(scores, randomStream(seed).at("bootstrap", task));
  const value = 100 * scores.reduce((sum, one) => sum + one, 0) / scores.length;
  const interval = { value, low: 100 * low, high: 100 * high };
  const row = {
    model,
    task,
    metric: denseMetricNames[metric],
    ...interval,
    images: test.count,
    seconds,
  };
  return { row, role, scores };
}
