/** Fills one cell of an experiment's file of results. */
import { dirname } from "node:path";
import { startEngine } from "../engine/backend.ts";
import type { Work } from "../io/progress_line.ts";
import { type ExperimentCell, measuredElsewhere } from "./cells.ts";
import { addExperimentResults, rowDigest } from "./results.ts";
import { plansPath } from "./row_plans.ts";
import { runExperimentRow } from "./run_cell.ts";
import type { Measures } from "./train_row.ts";

/** How a cell is filled. */
export interface FillOptions {
  /** The file of results. */
  readonly path: string;
  /** Folder of run folders. */
  readonly runs: string;
  /** When and where it is measured. */
  readonly stamp: { readonly date: string; readonly machine: string };
  /** Files whose results are taken where they are of the same recipe and seed. Default: none. */
  readonly others?: readonly string[] | undefined;
  /** Steps of the short form, on at most 100 images of each part of a task. Default: as in the recipe. */
  readonly steps?: number | undefined;
  /** Whether it stops as soon as it has a plan, to be resumed. Default false. */
  readonly planOnly?: boolean | undefined;
  /** Stops after the step in progress, to be resumed. Default: a first interrupt. */
  readonly signal?: AbortSignal | undefined;
  /** A clock in milliseconds. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  /** Names the cell in `onWork`. */
  readonly label: string;
  /** Gets how far it has come. */
  readonly onWork?: ((work: Work) => void) | undefined;
}

/**
 * Measures a cell, or copies its results from another experiment, and adds them to the file.
 *
 * @returns "stopped" where it was stopped or only planned, to be resumed by the same call; "copied"; or what was measured
 * @throws {UserError} where a recipe, a teacher or a task cannot be used
 */
export async function fillCell(
  cell: ExperimentCell,
  { path, runs, stamp, others = [], steps, planOnly, signal, now, label, onWork }: FillOptions,
): Promise<"stopped" | "copied" | Measures> {
  const { experiment, row, seed } = cell;
  const measured = await measuredElsewhere(others, cell);
  if (measured.length > 0) {
    await addExperimentResults(path, measured.map((result) => ({ ...result, row: row.name })));
    return "copied";
  }
  await startEngine();
  const measures = await runExperimentRow(experiment, row, seed, {
    ...{ runs, signal, steps, planOnly, now },
    plans: { path: plansPath(dirname(path)), ...stamp },
    limit: steps === undefined ? undefined : 100,
    onStep: (done, total) => onWork?.({ stage: label, done, total, unit: "steps" }),
    onWork: (part) => onWork?.({ ...part, stage: `${label}: ${part.stage}` }),
  });
  if (measures === undefined) return "stopped";
  const shared = { row: row.name, seed, recipe: rowDigest(experiment, row), ...stamp };
  await addExperimentResults(
    path,
    Object.entries(measures).map(([measure, value]) => ({ ...shared, measure, value })),
  );
  return measures;
}
