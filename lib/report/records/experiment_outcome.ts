/** What an experiment came to. */
import type { Experiment } from "../../experiments/experiment.ts";
import { type ExperimentResult, rowDigest } from "../../experiments/results.ts";

/** An experiment and what is known of it. */
export interface ExperimentOutcome {
  /** What was to be compared. */
  readonly experiment: Experiment;
  /** All results on file. */
  readonly results: readonly ExperimentResult[];
}

/** By seed: the mean of the measures, where all of them are there. Frozen models have one value for all seeds. */
export function valuesOf(
  { experiment, results }: ExperimentOutcome,
  name: string,
  measures: readonly string[],
): Map<number, number> {
  const row = experiment.rows.find((one) => one.name === name);
  const found = new Map<number, number>();
  if (row === undefined) return found;
  const digest = rowDigest(experiment, row);
  const own = results.filter((result) => result.row === name && result.recipe === digest);
  for (const seed of experiment.seeds) {
    const values = measures.map((measure) =>
      own.find((result) => result.measure === measure && ("model" in row || result.seed === seed))
        ?.value ?? NaN
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (!Number.isNaN(mean)) found.set(seed, mean);
  }
  return found;
}
