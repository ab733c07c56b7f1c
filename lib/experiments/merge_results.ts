/** Takes over results that were measured elsewhere, as by another part in a checkout of its own. */
import { UserError } from "../errors/user_error.ts";
import { cellsOf } from "./cells.ts";
import type { Experiment } from "./experiment.ts";
import { currentResults } from "./outcome.ts";
import type { ExperimentResult } from "./results.ts";

/**
 * The results of another file that are to be added to one's own: those of rows and seeds as the experiment has them
 * now which one's own has not. Results of changed recipes, and of rows and seeds that the experiment has not, stay where they are.
 *
 * @param ours all results of one's own file
 * @param theirs all results of the other file, and its path for messages
 * @throws {UserError} where both have measured the same row and seed, and not got the same
 *
 * @example
 * ```ts
 * import { defineExperiment, rowDigest } from "@hashigo/hashigo/experiments";
 * import { resultsToMerge } from "./merge_results.ts";
 * const row = { name: "pixels", model: "pixels" };
 * const experiment = defineExperiment({
 *   name: "models", title: "Models", paper: "none", description: "", seeds: [0], tasks: ["digits"], rows: [row],
 *   columns: [{ title: "digits", measures: ["knn digits"] }], claims: [],
 * });
 * const one = { row: "pixels", seed: 0, recipe: rowDigest(experiment, row), measure: "knn digits", value: 90 };
 * const results = [{ ...one, date: "2026-11-30", machine: "2 cores" }];
 * const theirs = { results, path: "other/models.csv" };
 * if (resultsToMerge(experiment, [], theirs).length !== 1) throw new Error("Ours has none");
 * if (resultsToMerge(experiment, results, theirs).length !== 0) throw new Error("Ours has it");
 * ```
 */
export function resultsToMerge(
  experiment: Experiment,
  ours: readonly ExperimentResult[],
  theirs: { readonly results: readonly ExperimentResult[]; readonly path: string },
): ExperimentResult[] {
  const current = currentResults({ experiment, results: theirs.results });
  const own = currentResults({ experiment, results: ours });
  return cellsOf(experiment).flatMap(({ row, seed }) => {
    const isOfCell = (result: ExperimentResult) => result.row === row.name && result.seed === seed;
    const found = current.filter(isOfCell), known = own.filter(isOfCell);
    if (known.length === 0) return found;
    if (found.length === 0 || JSON.stringify(found) === JSON.stringify(known)) return [];
    throw new UserError(
      `Cannot take over "${theirs.path}": found other results of row ${row.name}, seed ${seed} than those on file ` +
        `(${found[0]!.date}, ${found[0]!.machine}; on file ${known[0]!.date}, ${
          known[0]!.machine
        }), expected ` +
        "each to be measured once. Remove its lines from one of the two files",
    );
  });
}
