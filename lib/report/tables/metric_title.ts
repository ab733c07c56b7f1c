/** How tables name a metric and the outcomes of its verdicts. */
import { lowerIsBetter, unitOfMetric } from "../../metrics/comparison/evaluation_metric.ts";
import type { Verdict } from "../../metrics/comparison/verdict.ts";

/** "k-NN accuracy, %". */
export function metricTitle(metric: string): string {
  return `${metric}, ${unitOfMetric(metric)}`;
}

/** " (lower is better)" of a metric that measures an error, else nothing. */
export function directionNote(metric: string): string {
  return lowerIsBetter(metric) ? " (lower is better)" : "";
}

/** What a student does against the best teacher, as a verb; in the order in which they are counted. */
export const outcomeVerbs: Readonly<Record<Verdict["outcome"], string>> = {
  win: "wins",
  tie: "ties",
  loss: "loses",
};

/** All outcomes, best first. */
export const outcomes = ["win", "tie", "loss"] as const satisfies readonly Verdict["outcome"][];
