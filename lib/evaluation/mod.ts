/**
 * Frozen models on labelled images: opened by name, measured on tasks, analysed, timed and drawn.
 *
 * @module
 */

// Models
export { openModel, type OpenModelOptions, type Model } from "./models/open_model.ts";
export type { ModelSpec } from "./evaluate_models.ts";

// Tasks
export { openEvaluationTask, type EvaluationTask, embeddedTasks, worldTasks } from "./tasks/classification_task.ts";
export { openDenseTask, type DenseTask } from "./tasks/dense_task.ts";

// Measure
export { evaluateModels, type EvaluateModelsOptions } from "./evaluate_models.ts";
export { evaluateRun } from "./evaluate_run.ts";
export { type Evaluation, readEvaluation, writeEvaluation } from "./results.ts";
export { suiteTasks, suiteModels } from "./suite.ts";

// Features
export { featureExtractor, type FeatureExtractor, type PooledFeatures } from "./features/pooled.ts";
export { writeFeatures, type WriteFeaturesOptions } from "./features/write.ts";

// Analyse
export { analyseModels, analyseRun } from "./analysis/analyse.ts";
export { type Analysis, readAnalysis } from "./analysis/analysis.ts";

// Costs in use
export { measureDeployment } from "./deployment/measure.ts";
export { type Deployment, readDeployment } from "./deployment/deployment.ts";

// Pictures
export { featurePictures } from "./pictures/feature_maps.ts";
export { segmentationPictures } from "./pictures/segmentation_maps.ts";
export { type Pictures, readPictures } from "./pictures/pictures.ts";
