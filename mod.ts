/**
 * Hashigo (梯子, "ladder") distils several frozen vision models into one student: UNIC (Sariyildiz et
 * al., ECCV 2024), multi-teacher distillation with a ladder of projectors and teacher dropping. This
 * page is the table of contents, in the order of the method.
 *
 * @module
 */

// The engine: TensorFlow under Deno, and what is compiled on it
export * from "./lib/engine/backend.ts";
export * from "./lib/engine/compile.ts";
export * from "./lib/engine/tree.ts";
// Weights: files of any origin, read in place
export * from "./lib/weights/byte_source.ts";
export * from "./lib/weights/checkpoint_file.ts";
export * from "./lib/weights/finite_weights.ts";
export * from "./lib/weights/torch_writer.ts";
// Names, numbers and layers
export * from "./lib/parameters.ts";
export * from "./lib/gradient.ts";
export * from "./lib/random.ts";
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
export * from "./lib/images/source.ts";
export * from "./lib/images/pack.ts";
export * from "./lib/images/pack_file.ts";
export * from "./lib/images/joined_pack.ts";
export * from "./lib/images/world.ts";
export * from "./lib/images/world_factors.ts";
export * from "./lib/images/sampler.ts";
export * from "./lib/images/augmentation.ts";
export * from "./lib/images/crop.ts";
export * from "./lib/images/draw.ts";
export * from "./lib/images/augment.ts";
export * from "./lib/images/resample.ts";
export * from "./lib/images/colour.ts";
export * from "./lib/images/blur.ts";
export * from "./lib/images/image_folder.ts";
export * from "./lib/images/limit.ts";
export * from "./lib/images/decode.ts";
export * from "./lib/images/decoder_pool.ts";
// Teachers: frozen networks, and what makes their features comparable (section 3.3)
export * from "./lib/teachers/teacher.ts";
export * from "./lib/teachers/vision_transformer_teacher.ts";
export * from "./lib/teachers/zoo.ts";
export * from "./lib/teachers/load_family.ts";
export * from "./lib/teachers/families/families.ts";
export * from "./lib/teachers/families/family.ts";
export * from "./lib/teachers/checkpoint_tensors.ts";
export * from "./lib/teachers/frozen_transformer.ts";
export * from "./lib/feature_cache.ts";
export * from "./lib/standardizer.ts";
export * from "./lib/fit_statistics.ts";
export * from "./lib/phi_s.ts";
export * from "./lib/hadamard.ts";
// The student with its ladder (section 3.4), losses (3.1), teacher dropping (3.5), optimisation
export * from "./lib/ladder.ts";
export * from "./lib/top_projector.ts";
export * from "./lib/transformer_projector.ts";
export * from "./lib/projector.ts";
export * from "./lib/student.ts";
export * from "./lib/losses.ts";
export * from "./lib/teacher_drop.ts";
export * from "./lib/balancing.ts";
export * from "./lib/schedules.ts";
export * from "./lib/optimizer.ts";
// A distillation: recipe, step, run, checkpoints
export * from "./lib/distill/recipe.ts";
export * from "./lib/distill/recipe_types.ts";
export * from "./lib/distill/recipe_settings.ts";
export * from "./lib/distill/nearest_names.ts";
export * from "./lib/distill/load_recipe.ts";
export * from "./lib/distill/training_plan.ts";
export * from "./lib/distill/step.ts";
export * from "./lib/distill/step_report.ts";
export * from "./lib/distill/run.ts";
export * from "./lib/distill/run_ends.ts";
export * from "./lib/distill/run_folder.ts";
export * from "./lib/distill/checkpoint.ts";
export * from "./lib/distill/state_digest.ts";
export * from "./lib/distill/free_space.ts";
export * from "./lib/distill/log.ts";
export * from "./lib/distill/progress.ts";
export * from "./lib/distill/specialist.ts";
// What a student is worth
export * from "./lib/metrics/knn.ts";
export * from "./lib/metrics/lbfgs.ts";
export * from "./lib/metrics/logistic.ts";
export * from "./lib/metrics/linear_probe.ts";
export * from "./lib/metrics/sgd_probe.ts";
export * from "./lib/metrics/class_mean.ts";
export * from "./lib/metrics/few_shot.ts";
export * from "./lib/metrics/retrieval.ts";
export * from "./lib/metrics/calibration.ts";
export * from "./lib/metrics/evaluation_metric.ts";
export * from "./lib/metrics/image_metrics.ts";
export * from "./lib/metrics/bootstrap.ts";
export * from "./lib/metrics/paired_bootstrap.ts";
export * from "./lib/metrics/verdict.ts";
export * from "./lib/metrics/feature_matrix.ts";
export * from "./lib/metrics/cka.ts";
export * from "./lib/metrics/spectrum.ts";
export * from "./lib/metrics/complementarity.ts";
export * from "./lib/metrics/cost_matrix.ts";
export * from "./lib/metrics/reject_option.ts";
export * from "./lib/metrics/latency.ts";
export * from "./lib/metrics/cost.ts";
export * from "./lib/metrics/operations.ts";
export * from "./lib/metrics/scorecard.ts";
export * from "./lib/distill/encoders.ts";
export * from "./lib/distill/extract_features.ts";
export * from "./lib/distill/feature_file.ts";
export * from "./lib/distill/write_features.ts";
export * from "./lib/distill/evaluation_task.ts";
export * from "./lib/distill/evaluate.ts";
export * from "./lib/distill/evaluate_run.ts";
// A student under the names of other codebases
export * from "./lib/export/encoder_names.ts";
export * from "./lib/export/ladder_names.ts";
export * from "./lib/export/unic_names.ts";
export * from "./lib/export/unic_checkpoint.ts";
export * from "./lib/export/export_student.ts";
// How it looks
export * from "./lib/view/figure.ts";
export * from "./lib/view/theme.ts";
export * from "./lib/view/series.ts";
export * from "./lib/view/training_figures.ts";
export * from "./lib/view/comparison_figure.ts";
export * from "./lib/view/tables.ts";
export * from "./lib/view/html.ts";
export * from "./lib/view/plotly_script.ts";
export * from "./lib/view/report.ts";
export * from "./lib/view/run_report.ts";
// Files of weights, and the parts that teachers are made of
export * from "./lib/weights/strict_json.ts";
export * from "./lib/weights/safetensors.ts";
export * from "./lib/weights/tflite_tensors.ts";
export * from "./lib/weights/torch_tensors.ts";
export * from "./lib/weights/verified_file.ts";
export * from "./lib/nn/resize.ts";
export * from "./lib/nn/frozen_convolution.ts";
export * from "./lib/teachers/preprocess.ts";
export * from "./lib/teachers/manifest.ts";
export * from "./lib/teachers/mobilenet_v1.ts";
export * from "./lib/teachers/mobilenet_v2.ts";
export * from "./lib/teachers/deeplab_v3.ts";
export * from "./lib/teachers/resnet_cifar.ts";
export * from "./lib/atomic_file.ts";
export * from "./lib/user_error.ts";
