/** Which cells of an experiment are still to be filled, and when its claims need no further seeds. */
import { cellsOf, type ExperimentCell, isFilled } from "./cells.ts";
import type { Experiment } from "./experiment.ts";
import { judgeClaims } from "./judge_claims.ts";
import type { ExperimentResult } from "./results.ts";

/**
 * The cells that are to be filled next; none where the experiment is done. Every row is run with each of the
 * first `enoughSeeds` seeds; then, a seed at a time, the rows of claims that are still too noisy to tell, until
 * the interval of each lies on one side or no seed is left.
 *
 * @param results all on file, also those of recipes that have since been changed
 * @param options seeds: only the first so many, default all; rows: names of rows, empty for all
 * @throws {UserError} where a name is of no row, with the nearest names
 *
 * @example
 * ```ts
 * import { defineExperiment, nextCells } from "@hashigo/hashigo/experiments";
 * const experiment = defineExperiment({
 *   name: "baselines", title: "What pixels know", paper: "none", description: "", seeds: [0],
 *   rows: [{ name: "pixels", model: "pixels" }], tasks: ["digits"],
 *   columns: [{ title: "digits", measures: ["knn digits"] }], claims: [],
 * });
 * if (nextCells(experiment, []).length !== 1) throw new Error("Nothing is measured yet");
 * ```
 */
export function nextCells(
  experiment: Experiment,
  results: readonly ExperimentResult[],
  options: { readonly seeds?: number | undefined; readonly rows?: readonly string[] } = {},
): ExperimentCell[] {
  const missing = cellsOf(experiment, options).filter((cell) => !isFilled(cell, results));
  const { seeds, enoughSeeds = seeds.length } = experiment;
  const first = missing.filter(({ seed }) => seeds.indexOf(seed) < enoughSeeds);
  if (first.length > 0) return first;
  const open = judgeClaims({ experiment, results })
    .filter(({ verdict }) => verdict === "too noisy to tell")
    .flatMap(({ from, to }) => [from, to]);
  const further = missing.filter(({ row }) => open.includes(row.name));
  return further.filter(({ seed }) => seed === further[0]?.seed);
}
