/** One model's part of an analysis. */
import {
  type ComponentCurve,
  componentCurve,
} from "../../metrics/representation/component_curve.ts";
import type { TaskFeatures } from "../../metrics/representation/joint_accuracy.ts";
import { knn } from "../../metrics/probes/knn.ts";
import { principalAxes } from "../../metrics/representation/principal_axes.ts";
import { spectrumOf } from "../../metrics/representation/spectrum.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import type { EvaluationTask } from "../tasks/classification_task.ts";
import { chooseFeature, featureExtractor, type FeatureKind } from "../features/pooled.ts";
import { type LayerFeatures, layerFeatures } from "../features/layers.ts";
import { pruneBackbone } from "../../teachers/prune.ts";

/** What an analysis needs of a model; the model itself may be disposed of. */
export interface ModelAnalysis {
  /** Of train and test images. */
  readonly features: TaskFeatures;
  /** `[test images]`, classes by k-NN. */
  readonly predictions: Int32Array;
  /** Of test images. */
  readonly layers: readonly LayerFeatures[];
  readonly components: { readonly x: readonly number[]; readonly accuracy: readonly number[] };
  /** By percent of weights left out, from 0; undefined where the model's weights cannot be had. */
  readonly pruning?: { readonly x: readonly number[]; readonly accuracy: readonly number[] };
  readonly spectrum: {
    readonly width: number;
    readonly effectiveRank: number;
    readonly shares: readonly number[];
  };
}

/** Options of {@link analyseModel}. */
export interface AnalyseModelOptions {
  readonly feature: FeatureKind;
  readonly k: number;
  /** Percentages, rising, above 0. */
  readonly pruned: readonly number[];
  /** Whether layers inside the network take part. */
  readonly blocks: boolean;
  readonly onProgress: (part: string, done: number, total: number) => void;
}

/** Features, layers, principal components and pruned versions of one model. */
export async function analyseModel(
  backbone: Backbone,
  task: EvaluationTask,
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
  const { dimensions, accuracy }: ComponentCurve = await componentCurve(
    features.train,
    features.test,
    { axes, k },
  );
  onProgress("principal axes", 1, 1);
  const { shares, effectiveRank } = spectrumOf(axes.variances);
  const afterwards = await pruningCurve(backbone, task, options);
  return {
    features,
    predictions,
    layers,
    components: { x: dimensions, accuracy },
    ...afterwards && {
      pruning: { x: [0, ...pruned], accuracy: [top1, ...afterwards] },
    },
    spectrum: { width: features.train.width, effectiveRank, shares: [...shares] },
  };
}

/** k-NN accuracy for every share of weights left out. */
async function pruningCurve(
  backbone: Backbone,
  task: EvaluationTask,
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
  { train, test }: EvaluationTask,
  { feature, onProgress }: AnalyseModelOptions,
  part: string,
): Promise<TaskFeatures> {
  const total = train.count + test.count;
  const extractor = featureExtractor(backbone);
  try {
    const voting = await extractor.extract(train, {
      onProgress: (done) => onProgress(part, done, total),
    });
    const asked = await extractor.extract(test, {
      onProgress: (done) => onProgress(part, train.count + done, total),
    });
    return {
      train: { ...chooseFeature(voting, feature), labels: train.labels },
      test: { ...chooseFeature(asked, feature), labels: test.labels },
    };
  } finally {
    extractor.dispose();
  }
}
