/** The results of an experiment, by row and seed. */
import type { Experiment } from "./experiment.ts";
import { type ExperimentResult, rowDigest } from "./results.ts";
import { meanOf } from "../metrics/mean_of.ts";

/** An experiment and its results so far. */
export interface ExperimentOutcome {
  /** Rows, columns, seeds and claims. */
  readonly experiment: Experiment;
  /** All results on file, also those of recipes that have since been changed. */
  readonly results: readonly ExperimentResult[];
}

/** The results of rows as they are now: those of recipes that have since been changed are left out. */
export function currentResults({ experiment, results }: ExperimentOutcome): ExperimentResult[] {
  const digests = new Map(experiment.rows.map((row) => [row.name, rowDigest(experiment, row)]));
  return results.filter(({ row, recipe }) => digests.get(row) === recipe);
}

/**
 * The mean of the measures of a row by seed, for seeds that have all of them. Frozen models have one value for
 * all seeds.
 */
export function valuesOf(
  { experiment, results }: ExperimentOutcome,
  name: string,
  measures: readonly string[],
): Map<number, number> {
  const means = new Map<number, number>();
  const row = experiment.rows.find((row) => row.name === name);
  if (row === undefined) return means;
  const digest = rowDigest(experiment, row);
  const current = results.filter((result) => result.row === name && result.recipe === digest);
  for (const seed of experiment.seeds) {
    const values = measures.map((measure) =>
      current.find((result) =>
        result.measure === measure && ("model" in row || result.seed === seed)
      )?.value ?? NaN
    );
    const mean = meanOf(values);
    if (!Number.isNaN(mean)) means.set(seed, mean);
  }
  return means;
}

/** Differences `after - before` of values by seed, where both have the seed. */
export function incrementsOf(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): number[] {
  return [...after].flatMap(([seed, value]) => {
    const start = before.get(seed);
    return start === undefined ? [] : [value - start];
  });
}
