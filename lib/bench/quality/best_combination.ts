/** Which options make up the best combination, judged on held-out train images. */
import type { QualitySet } from "../../../recipes/quality.ts";
import { type ExperimentOutcome, incrementsOf, valuesOf } from "../../experiments/outcome.ts";
import { judgeIncrements, spreadOf } from "../../metrics/comparison/increment.ts";
import { rowName, scored } from "./quality_experiment.ts";

/**
 * Gains of an option over the row that it is counted from: one for each number of minutes and each seed that
 * both have.
 */
export function gainsOf(
  outcome: ExperimentOutcome,
  { name, over, minutes, measures }: {
    readonly name: string;
    readonly over: string;
    readonly minutes: readonly number[];
    readonly measures: readonly string[];
  },
): number[] {
  return minutes.flatMap((minutes) => {
    const before = valuesOf(outcome, rowName(over, minutes), measures);
    const after = valuesOf(outcome, rowName(name, minutes), measures);
    return incrementsOf(before, after);
  });
}

/**
 * Names of the options whose gain over the base is above 0, by the 90 % interval over minutes and seeds; of those that change
 * the same, the one of the largest gain.
 */
export function bestCombination(
  set: QualitySet,
  outcome: ExperimentOutcome,
  minutes: readonly number[],
): string[] {
  const measures = scored(set);
  const helping = set.options.flatMap(({ name, changes }) => {
    if (changes === undefined) return [];
    const gains = gainsOf(outcome, { name, over: set.baseName, minutes, measures });
    const isGain = judgeIncrements(gains, "up") === "agrees";
    return isGain ? [{ name, changes, gain: spreadOf(gains).mean }] : [];
  });
  return helping
    .filter(({ changes, gain }) =>
      helping.every((other) => other.changes !== changes || other.gain <= gain)
    )
    .map(({ name }) => name);
}
