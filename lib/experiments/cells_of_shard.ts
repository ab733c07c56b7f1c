/** Which cells of experiments one of several processes fills, where they do not speak to each other. */
import { UserError } from "../errors/user_error.ts";
import type { Shard } from "../io/shard.ts";
import type { ExperimentCell } from "./cells.ts";
import type { ExperimentRow } from "./experiment.ts";
import { rowDigest } from "./results.ts";

/**
 * The cells of a part: of all cells in their order the K-th, the (K + N)-th and so on, whatever is done already, so
 * that processes which are given the same cells never fill one twice. Cells that would train and measure the same,
 * also of several experiments, count as one. All seeds of a row with a budget of minutes count as one too: they take
 * the steps that the first of them plans.
 *
 * @throws {UserError} where there are fewer cells than parts
 *
 * @example
 * ```ts
 * import { cellsOf } from "./cells.ts";
 * import { cellsOfShard } from "./cells_of_shard.ts";
 * import { defineExperiment } from "./experiment.ts";
 * const experiment = defineExperiment({
 *   name: "models", title: "Models", paper: "none", description: "", seeds: [0], tasks: ["digits"],
 *   rows: ["pixels", "random", "resnet20_cifar10"].map((model) => ({ name: model, model })),
 *   columns: [{ title: "digits", measures: ["knn digits"] }], claims: [],
 * });
 * const cells = cellsOfShard(cellsOf(experiment), { part: 1, of: 2 });
 * const names = cells.map(({ row }) => row.name).join();
 * if (names !== "pixels,resnet20_cifar10") throw new Error("Expected the first and the third");
 * ```
 */
export function cellsOfShard(
  cells: readonly ExperimentCell[],
  { part, of }: Shard,
): ExperimentCell[] {
  const names = [...new Set(cells.map(workOf))];
  if (names.length < of) {
    throw new UserError(
      `Cannot part ${cells.length} cells into ${of}: found ${names.length} that can be filled by themselves, expected ` +
        "one for each part at least. Choose fewer parts, or more experiments, rows or seeds",
    );
  }
  const own = new Set(names.filter((_, i) => i % of === part - 1));
  return cells.filter((cell) => own.has(workOf(cell)));
}

/** Equal for cells that one process must fill. */
function workOf({ experiment, row, seed }: ExperimentCell): string {
  const digest = rowDigest(experiment, row);
  return isPlanned(row) ? digest : `${digest} ${seed}`;
}

function isPlanned(row: ExperimentRow): boolean {
  return "recipe" in row && row.recipe.budget !== undefined;
}
