/** The claims of an experiment, judged by its results. */
import { type ClaimVerdict, judgeIncrements } from "../metrics/comparison/increment.ts";
import type { ExperimentClaim } from "./experiment.ts";
import { type ExperimentOutcome, incrementsOf, valuesOf } from "./outcome.ts";

/** A claim of the paper, judged. */
export interface JudgedClaim extends ExperimentClaim {
  /** One for each seed of which both rows have results. */
  readonly increments: readonly number[];
  /** Whether the increments agree with the claim. */
  readonly verdict: ClaimVerdict;
}

/**
 * The claims of an experiment with their increments and verdicts. Results of a recipe that has since been
 * changed do not count.
 *
 * @example
 * ```ts
 * import { defineExperiment } from "@hashigo/hashigo/experiments";
 * import { judgeClaims } from "@hashigo/hashigo/report";
 * const experiment = defineExperiment({
 *   name: "models", title: "Models", paper: "none", description: "", seeds: [0], tasks: ["digits"],
 *   rows: [{ name: "pixels", model: "pixels" }, { name: "random", model: "random" }],
 *   columns: [{ title: "digits", measures: ["knn digits"] }],
 *   claims: [{
 *     claim: "Pixels beat a random network", paper: "not in it", from: "random", to: "pixels",
 *     column: "digits", expected: "up",
 *   }],
 * });
 * if (judgeClaims({ experiment, results: [] })[0]?.verdict !== "not run") throw new Error("No results");
 * ```
 */
export function judgeClaims(outcome: ExperimentOutcome): JudgedClaim[] {
  const { experiment } = outcome;
  return experiment.claims.map((claim) => {
    const { column, fromColumn = column, from, to, expected, tolerance } = claim;
    const measures = (column: string | readonly string[]) =>
      typeof column === "string"
        ? experiment.columns.find(({ title }) => title === column)?.measures ?? []
        : column;
    const before = valuesOf(outcome, from, measures(fromColumn));
    const after = valuesOf(outcome, to, measures(column));
    const increments = incrementsOf(before, after);
    const isAccuracy = [...measures(fromColumn), ...measures(column)].every(isPercent);
    const verdict = judgeIncrements(increments, expected, tolerance, isAccuracy ? point : 0);
    return { ...claim, increments, verdict };
  });
}

/** The difference in percent that is too small to matter where accuracies are compared. */
const point = 1;

/** Whether a measure counts what is right in percent; losses, shares and depths do not. */
function isPercent(measure: string): boolean {
  return /^(knn|logistic|segmentation) /.test(measure);
}
