/**
 * Hashigo (梯子, "ladder") distils several frozen vision models into one student: UNIC (Sariyildiz et
 * al., ECCV 2024), multi-teacher distillation with a ladder of projectors and teacher dropping. This
 * page is the table of contents, in the order of the method.
 *
 * @module
 */

// The engine: TensorFlow under Deno, and what is compiled on it
export * from "./lib/engine/backend.ts";
export * from "./lib/engine/compiler/compile.ts";
export * from "./lib/engine/compiler/tree.ts";
// Weights: files of any origin, read in place
export * from "./lib/weights/byte_source.ts";
export * from "./lib/weights/checkpoint_file.ts";
export * from "./lib/weights/finite_weights.ts";
export * from "./lib/weights/torch/torch_writer.ts";
// Names, numbers and layers
export * from "./lib/tensors/parameters.ts";
export * from "./lib/tensors/gradient.ts";
export * from "./lib/tensors/random.ts";
export * from "./lib/nn/linear.ts";
export * from "./lib/nn/initialization.ts";
export * from "./lib/nn/layer_norm.ts";
export * from "./lib/nn/gelu.ts";
export * from "./lib/nn/quick_gelu.ts";
export * from "./lib/nn/attention.ts";
export * from "./lib/nn/mlp.ts";
export * from "./lib/nn/swiglu.ts";
export * from "./lib/nn/block.ts";
export * from "./lib/nn/patch_embedding.ts";
export * from "./lib/nn/convolution.ts";
export * from "./lib/nn/convolution_stem.ts";
export * from "./lib/nn/position.ts";
export * from "./lib/nn/registers.ts";
export * from "./lib/nn/token_grid.ts";
export * from "./lib/nn/vision_transformer.ts";
export * from "./lib/nn/vision_transformer_sizes.ts";
// Images: read once, seen in random views that an address gives again
export * from "./lib/images/sources/source.ts";
export * from "./lib/images/packs/pack.ts";
export * from "./lib/images/packs/pack_file.ts";
export * from "./lib/images/packs/joined_pack.ts";
export * from "./lib/images/codec/decode_mask.ts";
export * from "./lib/images/packs/masked_images.ts";
export * from "./lib/world/world.ts";
export * from "./lib/world/factors.ts";
export * from "./lib/world/pack.ts";
export * from "./lib/images/packs/sampler.ts";
export * from "./lib/augmentation/augmentation.ts";
export * from "./lib/augmentation/crop.ts";
export * from "./lib/augmentation/draw.ts";
export * from "./lib/augmentation/augment.ts";
export * from "./lib/augmentation/resample.ts";
export * from "./lib/augmentation/colour.ts";
export * from "./lib/augmentation/blur.ts";
export * from "./lib/images/sources/image_folder.ts";
export * from "./lib/images/packs/spread_over_classes.ts";
export * from "./lib/images/codec/decode.ts";
export * from "./lib/images/codec/encode.ts";
export * from "./lib/images/codec/decoder_pool.ts";
// Teachers: frozen networks, and what makes their features comparable (section 3.3)
export * from "./lib/teachers/backbone.ts";
export * from "./lib/teachers/concatenated_backbone.ts";
export * from "./lib/teachers/vision_transformer_backbone.ts";
export * from "./lib/teachers/zoo/zoo.ts";
export * from "./lib/teachers/zoo/class_names.ts";
export * from "./lib/teachers/zoo/classifier.ts";
export * from "./lib/teachers/families/load_family.ts";
export * from "./lib/teachers/families/families.ts";
export * from "./lib/teachers/families/family.ts";
export * from "./lib/teachers/families/checkpoint_tensors.ts";
export * from "./lib/teachers/frozen_transformer.ts";
export * from "./lib/training/feature_cache/file.ts";
export type { HalfPrecision } from "./lib/tensors/half_precision.ts";
export * from "./lib/method/standardizers/standardizer.ts";
export * from "./lib/method/standardizers/fit.ts";
export * from "./lib/method/standardizers/phi_s.ts";
export * from "./lib/method/standardizers/hadamard.ts";
// The student with its ladder (section 3.4), losses (3.1), teacher dropping (3.5), optimisation
export * from "./lib/method/tokens.ts";
export * from "./lib/teachers/backbone_spec.ts";
export * from "./lib/method/projectors/ladder.ts";
export * from "./lib/method/projectors/top.ts";
export * from "./lib/method/projectors/transformer.ts";
export * from "./lib/method/projectors/projector.ts";
export * from "./lib/method/student.ts";
export * from "./lib/method/losses.ts";
export * from "./lib/method/teacher_drop.ts";
export * from "./lib/method/balancing.ts";
export * from "./lib/tensors/schedules.ts";
export * from "./lib/tensors/adamw.ts";
// A distillation: recipe, step, run, checkpoints
export * from "./lib/recipe/recipe.ts";
export * from "./lib/recipe/options.ts";
export * from "./lib/recipe/overrides.ts";
export * from "./lib/errors/did_you_mean.ts";
export * from "./lib/recipe/load.ts";
export * from "./lib/recipe/training_plan.ts";
export * from "./lib/method/step.ts";
export * from "./lib/runs/step_report.ts";
export * from "./lib/training/distill.ts";
export * from "./lib/training/guard/policy.ts";
export * from "./lib/training/guard/replay.ts";
export * from "./lib/training/start.ts";
export * from "./lib/runs/run_folder.ts";
export * from "./lib/runs/checkpoint/retention.ts";
export * from "./lib/runs/checkpoint/checkpoint.ts";
export * from "./lib/method/state_digest.ts";
export * from "./lib/io/disk_space.ts";
export * from "./lib/runs/step_log.ts";
export * from "./lib/tracking/trackers.ts";
export * from "./lib/tracking/tensorboard.ts";
export * from "./lib/tracking/progress.ts";
export * from "./lib/training/supervised/specialist.ts";
// What a student is worth
export * from "./lib/metrics/probes/labelled_features.ts";
export * from "./lib/metrics/probes/knn.ts";
export * from "./lib/metrics/probes/lbfgs.ts";
export * from "./lib/metrics/probes/logistic_model.ts";
export * from "./lib/metrics/probes/logistic.ts";
export * from "./lib/metrics/probes/linear_probe.ts";
export * from "./lib/metrics/probes/sgd_probe.ts";
export * from "./lib/metrics/probes/class_mean.ts";
export * from "./lib/metrics/probes/few_shot.ts";
export * from "./lib/metrics/probes/retrieval.ts";
export * from "./lib/metrics/probes/calibration.ts";
export * from "./lib/metrics/comparison/evaluation_metric.ts";
export * from "./lib/metrics/probes/image_metrics.ts";
export * from "./lib/metrics/comparison/bootstrap.ts";
export * from "./lib/metrics/comparison/paired_bootstrap.ts";
export * from "./lib/metrics/comparison/increment.ts";
export * from "./lib/metrics/comparison/verdict.ts";
export * from "./lib/metrics/comparison/evaluation_row.ts";
export * from "./lib/metrics/dense/patch_tokens.ts";
export * from "./lib/metrics/dense/segmentation_score.ts";
export * from "./lib/metrics/dense/linear_segmentation.ts";
export * from "./lib/metrics/dense/patch_knn_segmentation.ts";
export * from "./lib/metrics/dense/depth_score.ts";
export * from "./lib/metrics/dense/linear_depth.ts";
export * from "./lib/metrics/representation/feature_matrix.ts";
export * from "./lib/metrics/representation/cka.ts";
export * from "./lib/metrics/representation/cka_matrix.ts";
export * from "./lib/metrics/representation/principal_axes.ts";
export * from "./lib/metrics/probes/leading_axes.ts";
export * from "./lib/metrics/representation/spectrum.ts";
export * from "./lib/metrics/representation/principal_components.ts";
export * from "./lib/metrics/representation/component_curve.ts";
export * from "./lib/metrics/representation/magnitude_pruning.ts";
export * from "./lib/metrics/representation/complementarity.ts";
export * from "./lib/metrics/representation/joint_accuracy.ts";
export * from "./lib/metrics/costs/deployment.ts";
export * from "./lib/metrics/costs/cost_matrix.ts";
export * from "./lib/metrics/costs/reject_option.ts";
export * from "./lib/metrics/costs/latency.ts";
export * from "./lib/metrics/costs/cost.ts";
export * from "./lib/metrics/costs/operations.ts";
export * from "./lib/metrics/comparison/scorecard.ts";
export * from "./lib/evaluation/models/open_model.ts";
export * from "./lib/evaluation/features/pooled.ts";
export * from "./lib/evaluation/features/pooled_cache.ts";
export * from "./lib/weights/safetensors_stream.ts";
export * from "./lib/evaluation/features/write.ts";
export * from "./lib/evaluation/tasks/manifest.ts";
export * from "./lib/evaluation/tasks/classification_task.ts";
export { worldTasks } from "./lib/evaluation/tasks/world_task.ts";
export * from "./lib/evaluation/tasks/task.ts";
export * from "./lib/evaluation/tasks/open_task.ts";
export * from "./lib/evaluation/measurement_cache.ts";
export * from "./lib/evaluation/classification.ts";
export type {
  Evaluator,
  MeasurableModel,
  MeasureOptions,
  Metric,
} from "./lib/evaluation/evaluator.ts";
export * from "./lib/evaluation/tasks/dense_task.ts";
export * from "./lib/evaluation/dense.ts";
export * from "./lib/evaluation/evaluate_models.ts";
export * from "./lib/evaluation/results.ts";
export * from "./lib/evaluation/evaluate_run.ts";
export * from "./lib/experiments/experiment.ts";
export * from "./lib/experiments/results.ts";
export * from "./lib/runs/target_statistics.ts";
export * from "./lib/evaluation/pictures/pictures.ts";
export * from "./lib/evaluation/pictures/feature_maps.ts";
export * from "./lib/evaluation/pictures/segmentation_maps.ts";
export * from "./lib/evaluation/features/layers.ts";
export * from "./lib/teachers/prune.ts";
export * from "./lib/evaluation/analysis/plug_and_play.ts";
export * from "./lib/evaluation/analysis/analysis.ts";
export * from "./lib/evaluation/analysis/analyse.ts";
export * from "./lib/evaluation/suite.ts";
export * from "./lib/evaluation/deployment/deployment.ts";
export * from "./lib/evaluation/deployment/measure.ts";
// A student under the names of other codebases
export * from "./lib/export/encoder_names.ts";
export * from "./lib/export/ladder_names.ts";
export * from "./lib/export/unic_names.ts";
export * from "./lib/export/unic_checkpoint.ts";
export * from "./lib/export/export_student.ts";
// How it looks
export * from "./lib/report/figures/figure.ts";
export * from "./lib/report/figures/heat_map.ts";
export * from "./lib/report/figures/theme.ts";
export * from "./lib/report/figures/series.ts";
export * from "./lib/report/figures/training_figures.ts";
export * from "./lib/report/figures/training_curves.ts";
export * from "./lib/report/figures/comparison_figure.ts";
export * from "./lib/report/figures/profile_figure.ts";
export * from "./lib/report/figures/analysis_figures.ts";
export * from "./lib/report/tables/analysis_table.ts";
export * from "./lib/report/tables/tables.ts";
export * from "./lib/report/tables/markdown_table.ts";
export { experimentFigure } from "./lib/report/figures/experiment_figure.ts";
export type { ExperimentOutcome } from "./lib/report/records/experiment_outcome.ts";
export * from "./lib/report/records/experiment_page.ts";
export * from "./lib/report/tables/task_table.ts";
export * from "./lib/report/tables/deployment_table.ts";
export * from "./lib/report/records/record_evaluation.ts";
export * from "./lib/report/figures/figure_picture.ts";
export * from "./lib/report/notebook/jupyter.ts";
export * from "./lib/report/notebook/notebook_boards.ts";
export * from "./lib/report/page/html.ts";
export * from "./lib/report/page/plotly_script.ts";
export * from "./lib/report/page/report_input.ts";
export * from "./lib/report/page/report.ts";
export * from "./lib/report/page/run_report.ts";
// Files of weights, and the parts that teachers are made of
export * from "./lib/weights/strict_json.ts";
export * from "./lib/weights/safetensors/safetensors.ts";
export * from "./lib/weights/tflite_tensors.ts";
export * from "./lib/weights/torch/torch_tensors.ts";
export * from "./lib/weights/verified_file.ts";
export * from "./lib/nn/resize.ts";
export * from "./lib/nn/upsample.ts";
export * from "./lib/nn/frozen_convolution.ts";
export * from "./lib/teachers/preprocess.ts";
export * from "./lib/teachers/zoo/manifest.ts";
export * from "./lib/teachers/architectures/mobilenet_v1.ts";
export * from "./lib/teachers/architectures/mobilenet_v2.ts";
export * from "./lib/teachers/architectures/deeplab_v3.ts";
export * from "./lib/teachers/architectures/resnet_cifar.ts";
export * from "./lib/io/atomic_file.ts";
export * from "./lib/errors/user_error.ts";
