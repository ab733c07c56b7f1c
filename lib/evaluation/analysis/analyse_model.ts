/** One model's part of an analysis. */
import { componentCurve } from "../../metrics/representation/component_curve.ts";
import type { TaskFeatures } from "../../metrics/representation/joint_accuracy.ts";
import { knn } from "../../metrics/probes/knn.ts";
import { principalAxes } from "../../metrics/representation/principal_axes.ts";
import { spectrumOf } from "../../metrics/representation/spectrum.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { featureExtractor, type FeatureKind } from "../features/pooled.ts";
import { extractTask } from "../features/task_features.ts";
import type { ClassificationTask } from "../tasks/task.ts";
import { type LayerFeatures, layerFeatures } from "../features/layers.ts";
import { pruneBackbone } from "../../teachers/prune.ts";

/** Accuracies, in percent, over something that is varied. */
export interface Curve {
  readonly x: readonly number[];
  readonly accuracy: readonly number[];
}

/** What an analysis needs of a model; the model itself may be disposed of. */
export interface ModelAnalysis {
  /** Of train and test images. */
  readonly features: TaskFeatures;
  /** `[test images]`, classes by k-NN. */
  readonly predictions: Int32Array;
  /** Of test images. */
  readonly layers: readonly LayerFeatures[];
  /** By the number of principal components kept. */
  readonly components: Curve;
  /** By percent of weights left out, from 0; undefined where the model's weights cannot be had. */
  readonly pruning?: Curve | undefined;
  /** How many directions features vary in. */
  readonly spectrum: {
    readonly width: number;
    readonly effectiveRank: number;
    readonly shares: readonly number[];
  };
}

/** Options of {@linkcode analyseModel}. */
export interface AnalyseModelOptions {
  readonly feature: FeatureKind;
  /** Neighbours. */
  readonly k: number;
  /** Percentages, rising, above 0. */
  readonly pruned: readonly number[];
  /** Whether layers inside the network take part. */
  readonly blocks: boolean;
  /** Called with images done and of all, by what they are for. */
  readonly onProgress: (part: string, done: number, total: number) => void;
}

/** Extracts features and layers of one model, and measures principal components and pruned versions. */
export async function analyseModel(
  backbone: Backbone,
  task: ClassificationTask,
  options: AnalyseModelOptions,
): Promise<ModelAnalysis> {
  const { k, blocks, pruned, onProgress } = options;
  const features = await extract(backbone, task, options, "features");
  const { top1, predictions } = await knn(features.train, features.test, { k });
  const layers = await layerFeatures(backbone, task.test, {
    blocks,
    onProgress: (done, total) => onProgress("layers", done, total),
  });
  onProgress("principal axes", 0, 1);
  const axes = await principalAxes(features.train);
  const { dimensions, accuracy } = await componentCurve(features.train, features.test, { axes, k });
  onProgress("principal axes", 1, 1);
  const { shares, effectiveRank } = spectrumOf(axes.variances);
  const prunedAccuracy = await prunedAccuracies(backbone, task, options);
  return {
    features,
    predictions,
    layers,
    components: { x: dimensions, accuracy },
    pruning: prunedAccuracy && { x: [0, ...pruned], accuracy: [top1, ...prunedAccuracy] },
    spectrum: { width: features.train.width, effectiveRank, shares: [...shares] },
  };
}

/** k-NN accuracy for every share of weights left out; undefined where there are none. */
async function prunedAccuracies(
  backbone: Backbone,
  task: ClassificationTask,
  options: AnalyseModelOptions,
): Promise<number[] | undefined> {
  const accuracy: number[] = [];
  for (const percent of options.pruned) {
    const pruned = await pruneBackbone(backbone, percent / 100);
    if (pruned === undefined) return undefined;
    try {
      const { train, test } = await extract(pruned, task, options, `${percent} % pruned`);
      accuracy.push((await knn(train, test, { k: options.k })).top1);
    } finally {
      pruned.dispose();
    }
  }
  return accuracy.length > 0 ? accuracy : undefined;
}

async function extract(
  backbone: Backbone,
  task: ClassificationTask,
  { feature, onProgress }: AnalyseModelOptions,
  part: string,
): Promise<TaskFeatures> {
  const extractor = featureExtractor(backbone);
  try {
    return await extractTask(extractor, task, {
      feature,
      onProgress: (done, total) => onProgress(part, done, total),
    });
  } finally {
    extractor.dispose();
  }
}
