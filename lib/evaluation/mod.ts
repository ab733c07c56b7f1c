/**
 * Frozen models on labelled images: opened by name, measured on tasks, analysed, timed and drawn.
 *
 * @module
 */

// Models
export {
  type Model,
  type ModelSpec,
  openModel,
  type OpenModelOptions,
} from "./models/open_model.ts";

// Tasks
export { openTask } from "./tasks/open_task.ts";
export type { ClassificationTask, DenseTask, EvaluationTask } from "./tasks/task.ts";
export { describedTasks, readManifest, type TaskManifest } from "./tasks/manifest.ts";
export { embeddedTasks } from "./tasks/classification_task.ts";
export { worldTasks } from "./tasks/world_task.ts";

// Measure
export { evaluateModels, type EvaluateModelsOptions } from "./evaluate_models.ts";
export { evaluateRun } from "./evaluate_run.ts";
export { type Evaluation, readEvaluation, writeEvaluation } from "./results.ts";

// Readout
export { chooseReadout } from "./readout/choose_readout.ts";

// Features
export { type FeatureExtractor, featureExtractor, type PooledFeatures } from "./features/pooled.ts";
export { writeFeatures, type WriteFeaturesOptions } from "./features/write.ts";

// Analyse
export { analyseModels, analyseRun } from "./analysis/analyse.ts";
export { measureRungs, type RungShares } from "./analysis/rungs.ts";
export { type Analysis, readAnalysis } from "./analysis/analysis.ts";

// Choose teachers
export { selectTeachers } from "./selection/select_teachers.ts";
export type { Selection } from "./selection/selection.ts";

// Costs in use
export { measureDeployment } from "./deployment/measure.ts";
export { type Deployment, readDeployment } from "./deployment/deployment.ts";

// Pictures
export { featurePictures } from "./pictures/feature_maps.ts";
export { segmentationPictures } from "./pictures/segmentation_maps.ts";
export { type Pictures, readPictures } from "./pictures/pictures.ts";
