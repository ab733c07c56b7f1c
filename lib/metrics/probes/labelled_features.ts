/** Features of images with their labels, as probes take them. */
import type { FeatureMatrix } from "../representation/feature_matrix.ts";

/** Features of labelled images. */
export interface LabelledFeatures extends FeatureMatrix {
  /** `[images]`, class numbers from 0. */
  readonly labels: Int32Array;
}
