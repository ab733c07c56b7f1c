/** How tables name a metric and the outcomes of its verdicts. */
import { lowerIsBetter, unitOfMetric } from "../../metrics/comparison/evaluation_metric.ts";
import type { Verdict } from "../../metrics/comparison/evaluation_row.ts";

/** "k-NN accuracy, %". */
export function metricTitle(metric: string): string {
  return `${metric}, ${unitOfMetric(metric)}`;
}

/** " (lower is better)" of a metric that measures an error, else nothing. */
export function directionNote(metric: string): string {
  return lowerIsBetter(metric) ? " (lower is better)" : "";
}

/** Outcomes against the best teacher, as verbs. */
export const outcomeVerbs: Readonly<Record<Verdict["outcome"], string>> = {
  win: "wins",
  tie: "ties",
  loss: "loses",
};

/** All outcomes, in the order in which tables count them. */
export const outcomes = ["win", "tie", "loss"] as const satisfies readonly Verdict["outcome"][];
