/**
 * Experiments as values: rows of students and models, each trained and measured with several seeds, and
 * what a paper claims of them.
 *
 * @example
 * ```ts
 * import { cellsOf, defineExperiment } from "@hashigo/hashigo/experiments";
 * const experiment = defineExperiment({
 *   name: "baselines",
 *   title: "What pixels know",
 *   paper: "none",
 *   description: "Colours of 32 x 32 areas beside a network that was never trained.",
 *   rows: [{ name: "pixels", model: "pixels" }, { name: "random", model: "random" }],
 *   seeds: [0],
 *   tasks: ["digits"],
 *   columns: [{ title: "digits", measures: ["knn digits"] }],
 *   claims: [],
 * });
 * if (cellsOf(experiment).length !== 2) throw new Error("Two models to measure");
 * ```
 *
 * @module
 */
export {
  defineExperiment,
  type Experiment,
  type ExperimentClaim,
  type ExperimentColumn,
  type ExperimentData,
  type ExperimentFigure,
  type ExperimentLine,
  type ExperimentRow,
} from "./experiment.ts";
export {
  cellsOf,
  type ExperimentCell,
  findExperiment,
  isDone,
  measuredElsewhere,
} from "./cells.ts";
export { nextCells } from "./next_cells.ts";
export {
  addExperimentResults,
  type ExperimentResult,
  readExperimentResults,
  rowDigest,
} from "./results.ts";
export { assertExperimentData, type RunExperimentOptions, runExperimentRow } from "./run_cell.ts";
export type { Measures, TrainRowOptions } from "./train_row.ts";
export type { SpecialistRecipe } from "../training/supervised/recipe.ts";
