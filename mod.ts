/**
 * Hashigo (梯子, "ladder") distils several frozen vision models into one student: UNIC (Sariyildiz et
 * al., ECCV 2024), multi-teacher distillation with a ladder of projectors and teacher dropping. This page
 * is the front door, in the order of the method; each room has an entry point of its own, such as
 * `@hashigo/hashigo/method`.
 *
 * @module
 */

// The engine, and what is compiled on it
export { type Engine, startEngine, type StartOptions } from "./lib/engine/backend.ts";
export { compile, type Compiled } from "./lib/engine/compiler/compile.ts";

// Randomness is an argument, mistakes have sentences
export { type RandomStream, randomStream } from "./lib/tensors/random.ts";
export { UserError } from "./lib/errors/user_error.ts";

// What is distilled: teachers and recipe
export { zoo } from "./lib/teachers/zoo/entries.ts";
export { loadTeacher } from "./lib/teachers/zoo/zoo.ts";
export type { Backbone, Teacher } from "./lib/teachers/backbone.ts";
export { defineRecipe } from "./lib/recipe/recipe.ts";
export { loadRecipe } from "./lib/recipe/load.ts";
export type { Recipe } from "./lib/recipe/options.ts";
export type { RecipeInput } from "./lib/recipe/input.ts";

// Distil
export { recipeFor } from "./lib/training/proposal/recipe_for.ts";
export { distill } from "./lib/training/distill.ts";
export type { DistillOptions } from "./lib/training/distill_options.ts";
export type { DistillSummary } from "./lib/training/finish.ts";
export type { StepReport } from "./lib/runs/step_report.ts";
export type { Tracker } from "./lib/tracking/trackers.ts";
export { tensorboardTracker } from "./lib/tracking/tensorboard.ts";

// Load and measure
export { type Model, type ModelSpec, openModel } from "./lib/evaluation/models/open_model.ts";
export { evaluateModels } from "./lib/evaluation/evaluate_models.ts";
export { evaluateRun } from "./lib/evaluation/evaluate_run.ts";
export type { Evaluation } from "./lib/evaluation/results.ts";
export type { EvaluationRow } from "./lib/metrics/comparison/evaluation_row.ts";
export { writeFeatures } from "./lib/evaluation/features/write.ts";

// Take it elsewhere
export { exportFormats, exportStudent } from "./lib/export/export_student.ts";

// See it
export { liveView, show } from "./lib/report/notebook/show.ts";
export { lossFigure } from "./lib/report/figures/loss_figure.ts";
export { shareFigure } from "./lib/report/figures/share_figure.ts";
export { comparisonFigure } from "./lib/report/figures/comparison_figure.ts";
export { comparisonText } from "./lib/report/tables/comparison_table.ts";
export { reportRun } from "./lib/report/page/run_report.ts";
