/**
 * What frozen features are worth, as functions of numbers: probes, dense metrics, comparisons with
 * intervals, costs. Loads without an engine and without permissions, in two runtimes.
 *
 * @module
 */

// Classify
export type { LabelledFeatures } from "./labelled_features.ts";
export { knn } from "./probes/knn.ts";
export { linearProbe } from "./probes/linear_probe.ts";
export { fitLogistic, logisticProbabilities, predictLogistic } from "./probes/logistic.ts";
export { sgdProbe } from "./probes/sgd_probe.ts";
export { fewShot } from "./probes/few_shot.ts";
export { retrieval } from "./probes/retrieval.ts";
export { classMean } from "./probes/class_mean.ts";
export { calibrationError } from "./probes/calibration.ts";
export { minimize } from "./probes/lbfgs.ts";

// Pixel by pixel
export { fitSegmentation, predictSegmentation } from "./dense/linear_segmentation.ts";
export { patchKnnSegmentation } from "./dense/patch_knn_segmentation.ts";
export { segmentationScore } from "./dense/segmentation_score.ts";
export { fitDepth, predictDepth } from "./dense/linear_depth.ts";
export { depthScore } from "./dense/depth_score.ts";

// Representations
export { linearCka } from "./representation/cka.ts";
export { ckaMatrix } from "./representation/cka_matrix.ts";
export { principalComponents } from "./representation/principal_components.ts";
export { featureSpectrum } from "./representation/spectrum.ts";
export { complementarity } from "./representation/complementarity.ts";
export { jointAccuracy } from "./representation/joint_accuracy.ts";
export { pruneSmallest } from "./representation/magnitude_pruning.ts";

// Compare
export { bootstrapInterval } from "./comparison/bootstrap.ts";
export { pairedBootstrap } from "./comparison/paired_bootstrap.ts";
export { meanDifference } from "./comparison/mean_difference.ts";
export { addVerdicts } from "./comparison/verdict.ts";
export type { EvaluationRow, Verdict } from "./comparison/evaluation_row.ts";
export { scorecard } from "./comparison/scorecard.ts";
export { judgeIncrements, spreadOf } from "./comparison/increment.ts";

// Costs
export { type CostMatrix, parseCostMatrix } from "./costs/cost_matrix.ts";
export { bestThreshold, expectedCosts } from "./costs/reject_option.ts";
export { measureLatency } from "./costs/latency.ts";
