/** The cells of an experiment's table, a row and a seed each, and which of them are done. */
import { suggestion } from "../errors/did_you_mean.ts";
import { UserError } from "../errors/user_error.ts";
import type { Experiment, ExperimentRow } from "./experiment.ts";
import { type ExperimentResult, readExperimentResults, rowDigest } from "./results.ts";

/** One row of an experiment with one seed: what is trained and measured in one go. */
export interface ExperimentCell {
  /** The experiment whose row it is. */
  readonly experiment: Experiment;
  /** What is trained, or the frozen model. */
  readonly row: ExperimentRow;
  /** Root of all randomness. */
  readonly seed: number;
}

/**
 * The cells of an experiment, seed by seed, so that early results can be compared. Frozen models are
 * measured with the first seed only.
 *
 * @param options seeds: only the first so many, default all; rows: names of rows, empty for all.
 * @throws {UserError} where a name is of no row, with the nearest names
 *
 * @example
 * ```ts
 * import { cellsOf } from "./cells.ts";
 * const cells = cellsOf({
 *   name: "baselines",
 *   title: "What pixels know",
 *   paper: "none",
 *   description: "Colours of 32 x 32 areas.",
 *   rows: [{ name: "pixels", model: "pixels" }],
 *   seeds: [0, 1],
 *   tasks: ["digits"],
 *   columns: [{ title: "digits", measures: ["knn digits"] }],
 *   claims: [],
 * });
 * if (cells.length !== 1) throw new Error("Pixels depend on no seed");
 * ```
 */
export function cellsOf(
  experiment: Experiment,
  options: { readonly seeds?: number | undefined; readonly rows?: readonly string[] } = {},
): ExperimentCell[] {
  const { seeds, rows = [] } = options;
  const known = experiment.rows.map(({ name }) => name);
  const unknown = rows.find((name) => !known.includes(name));
  if (unknown !== undefined) throw unknownName("row", unknown, known);
  return experiment.seeds.slice(0, seeds).flatMap((seed, i) =>
    experiment.rows
      .filter((row) => rows.length === 0 || rows.includes(row.name))
      .filter((row) => i === 0 || !("model" in row))
      .map((row) => ({ experiment, row, seed }))
  );
}

/**
 * Whether a file of results has those of a cell, for the recipe as it is now.
 *
 * @param path The experiment's file of results, which may be missing.
 * @throws {UserError} where the file cannot be read
 */
export async function isDone(
  path: string,
  cell: ExperimentCell,
): Promise<boolean> {
  return isFilled(cell, await readExperimentResults(path));
}

/** Whether results have a cell: its row as it is now, and its seed. */
export function isFilled(
  { experiment, row, seed }: ExperimentCell,
  results: readonly ExperimentResult[],
): boolean {
  const digest = rowDigest(experiment, row);
  return results.some((result) =>
    result.row === row.name && result.seed === seed && result.recipe === digest
  );
}

/** Tells which cells are the same row and seed of the same experiment as this one. */
export function isSameCell(
  { experiment, row, seed }: ExperimentCell,
): (other: ExperimentCell) => boolean {
  return (other) =>
    other.experiment.name === experiment.name && other.row.name === row.name && other.seed === seed;
}

/**
 * Results of the same recipe and seed in any of these files, under any name of its row.
 *
 * @param paths Files of results, which may be missing.
 * @returns none where it was measured nowhere
 * @throws {UserError} where a file cannot be read
 */
export async function measuredElsewhere(
  paths: readonly string[],
  { experiment, row, seed }: ExperimentCell,
): Promise<ExperimentResult[]> {
  const digest = rowDigest(experiment, row);
  for (const path of paths) {
    const results = await readExperimentResults(path);
    const same = results.find((result) => result.recipe === digest && result.seed === seed);
    if (same === undefined) continue;
    return results.filter((result) =>
      result.recipe === digest && result.seed === seed && result.row === same.row
    );
  }
  return [];
}

/**
 * The experiment of this name.
 *
 * @throws {UserError} where there is none, with the nearest names
 */
export function findExperiment(experiments: readonly Experiment[], name: string): Experiment {
  const experiment = experiments.find((experiment) => experiment.name === name);
  if (experiment !== undefined) return experiment;
  throw unknownName("experiment", name, experiments.map(({ name }) => name));
}

function unknownName(kind: string, name: string, known: readonly string[]): UserError {
  return new UserError(
    `There is no ${kind} "${name}". ` +
      (suggestion(name, known) || `Known: ${known.join(", ")}.`),
  );
}
