/** Features of images with their labels, as probes take them. */
import { type FeatureMatrix, gatherRows } from "./feature_matrix.ts";

/** Features of labelled images. */
export interface LabelledFeatures extends FeatureMatrix {
  /** `[images]`, class numbers from 0. */
  readonly labels: Int32Array;
}

/** Positions of the images of each class that occurs, classes ascending. */
export function placesByClass(labels: Int32Array): [label: number, places: number[]][] {
  const groups = Map.groupBy(labels.keys(), (place) => labels[place]!);
  return [...groups].sort(([a], [b]) => a - b);
}

/** Number of classes up to the highest label. */
export function countClasses({ labels }: LabelledFeatures): number {
  return labels.reduce((highest, label) => Math.max(highest, label), 0) + 1;
}

/** Percentage of predictions that are the label of their image. */
export function percentRight(predictions: Int32Array, { labels }: LabelledFeatures): number {
  const right = predictions.reduce((sum, label, i) => sum + Number(label === labels[i]), 0);
  return 100 * right / labels.length;
}

/** The images at some positions. */
export function gatherImages(
  { features, labels, width }: LabelledFeatures,
  positions: readonly number[],
): LabelledFeatures {
  return {
    features: gatherRows(features, positions, width),
    labels: Int32Array.from(positions, (position) => labels[position]!),
    width,
  };
}
