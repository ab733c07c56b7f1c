/** Fills the cells of an experiment one after the other, until none is to be filled next. */
import { type ExperimentCell, isSameCell } from "./cells.ts";
import type { Experiment } from "./experiment.ts";
import { fillCell, type FillOptions } from "./fill_cell.ts";
import { nextCells } from "./next_cells.ts";
import { readExperimentResults } from "./results.ts";
import type { Measures } from "./train_row.ts";

/** How the cells of an experiment are filled. */
export interface FillCellsOptions extends Omit<FillOptions, "label"> {
  /** Only the first so many seeds. Default: all. */
  readonly seeds?: number | undefined;
  /** Names of rows. Default, or empty: all. */
  readonly rows?: readonly string[] | undefined;
  /** Only these, such as those of a part; other processes fill the others. Default: all. */
  readonly own?: readonly ExperimentCell[] | undefined;
  /** Told what came of every cell. */
  readonly onFilled?:
    | ((cell: ExperimentCell, outcome: "planned" | "copied" | Measures) => void)
    | undefined;
}

/**
 * Fills what {@linkcode nextCells} names, again and again. Of a part, it ends where nothing of its own is next: further
 * seeds are decided once all parts have filled the first ones, so whoever is there last goes on with those of its own.
 *
 * @returns the cell in which it was stopped, to be resumed by the same call; undefined where it came to its end
 * @throws {UserError} where a recipe, a teacher or a task cannot be used
 */
export async function fillCells(
  experiment: Experiment,
  { seeds, rows = [], own, onFilled, ...fill }: FillCellsOptions,
): Promise<ExperimentCell | undefined> {
  const { path, planOnly, signal } = fill;
  const next = async () => {
    const cells = nextCells(experiment, await readExperimentResults(path), { seeds, rows });
    return own === undefined ? cells : cells.filter((cell) => own.some(isSameCell(cell)));
  };
  for (let cells = await next(); cells.length > 0; cells = await next()) {
    for (const cell of cells) {
      const outcome = await fillCell(cell, { ...fill, label: cellName(cell) });
      if (outcome !== "stopped") onFilled?.(cell, outcome);
      else if (planOnly && !signal?.aborted) onFilled?.(cell, "planned");
      else return cell;
    }
    if (planOnly) return undefined;
  }
}

/** Experiment, row and seed, in words. */
export function cellName({ experiment, row, seed }: ExperimentCell): string {
  return `${experiment.name} ${row.name} seed ${seed}`;
}
