/** The comparison at equal minutes for people. */
import type { QualitySet } from "../../../recipes/quality.ts";
import { type ExperimentOutcome, valuesOf } from "../../experiments/outcome.ts";
import { spreadOf } from "../../metrics/comparison/increment.ts";
import { markdownTable } from "../../report/tables/markdown_table.ts";
import { gainsOf } from "./best_combination.ts";
import { accuracies, optionsOf, type QualityPlan, rowName, scored } from "./quality_experiment.ts";

/** A table for each number of minutes, as Markdown; rows without results are left out. */
export function qualityTable(
  set: QualitySet,
  outcome: ExperimentOutcome,
  plan: QualityPlan,
): string[] {
  return plan.minutes.flatMap((minutes) => [
    `${minutes} minutes:`,
    "",
    ...tableOf(set, outcome, plan, minutes).split("\n"),
    "",
  ]);
}

function tableOf(
  set: QualitySet,
  outcome: ExperimentOutcome,
  plan: QualityPlan,
  minutes: number,
): string {
  const columns = [
    ["k-NN", accuracies(set, "knn")],
    ["logistic", accuracies(set, "logistic")],
    ["k-NN, chosen readout", accuracies(set, "knn", "chosen")],
    ["logistic, chosen readout", accuracies(set, "logistic", "chosen")],
  ] as const;
  const lines = optionsOf(set, plan).flatMap(({ name, title, over }) => {
    const cells = columns.map(([, measures]) => [
      ...valuesOf(outcome, rowName(name, minutes), measures).values(),
    ]);
    if (cells.every((values) => values.length === 0)) return [];
    const gains = over === undefined
      ? []
      : gainsOf(outcome, { name, over, minutes: [minutes], measures: scored(set) });
    const from = gains.length === 0 ? "" : ` (${over})`;
    return [[name, title, ...cells.map((values) => spread(values)), spread(gains, true) + from]];
  });
  return markdownTable(
    ["option", "what it is", ...columns.map(([title]) => title), "gain (over)"],
    lines,
    ["what it is"],
  );
}

function spread(values: readonly number[], signed = false): string {
  if (values.length === 0) return "";
  const { mean, deviation } = spreadOf(values);
  const sign = signed && mean >= 0 ? "+" : "";
  return `${sign}${mean.toFixed(1)}` + (values.length > 1 ? ` ± ${deviation.toFixed(1)}` : "");
}
