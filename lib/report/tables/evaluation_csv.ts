/** Evaluation rows for spreadsheets and for `data/results/`. */
import type { EvaluationRow, Verdict } from "../../metrics/comparison/evaluation_row.ts";
import { csvTable } from "../../io/csv.ts";

const rowHeader = ["model", "task", "metric", "value", "low", "high", "images", "seconds"];
const verdictHeader = [
  "verdict",
  "against",
  "difference",
  "difference_low",
  "difference_high",
  "p",
];

/**
 * Evaluation rows as CSV, one line each. Where a row has a verdict there are six more columns: outcome,
 * teacher, difference with its interval, p-value.
 *
 * @example
 * ```ts
 * import { evaluationCsv } from "@hashigo/hashigo/report";
 * if (!evaluationCsv([]).startsWith("model,task,metric,value")) throw new Error("Header first");
 * ```
 */
export function evaluationCsv(rows: readonly EvaluationRow[]): string {
  const judged = rows.some(({ verdict }) => verdict !== undefined);
  return csvTable(
    [...rowHeader, ...(judged ? verdictHeader : [])],
    rows.map((row) => [
      row.model,
      row.task,
      row.metric,
      row.value.toFixed(2),
      row.low.toFixed(2),
      row.high.toFixed(2),
      String(row.images),
      row.seconds.toFixed(1),
      ...(judged ? verdictCells(row.verdict) : []),
    ]),
  );
}

function verdictCells(verdict: Verdict | undefined): string[] {
  if (verdict === undefined) return verdictHeader.map(() => "");
  const { outcome, against, difference, low, high, p } = verdict;
  const points = [difference, low, high].map((value) => value.toFixed(2));
  return [outcome, against, ...points, p.toFixed(3)];
}
