/** Models by tasks for terminals: models go down the page, tasks across it. */
import { byMetric, scorecard } from "../../metrics/comparison/scorecard.ts";
import type {
  EvaluationRow,
  MeanVerdict,
  Verdict,
} from "../../metrics/comparison/evaluation_row.ts";
import { decimals, signed } from "../format.ts";
import { meanVerdictText } from "./mean_verdict.ts";
import { directionNote, metricTitle, outcomes, outcomeVerbs } from "./metric_title.ts";
import { textTable } from "./text_table.ts";

/**
 * Models by tasks, with the mean; the best of each column is marked with an asterisk. Below, for every
 * student that has verdicts, the tasks where it wins, ties and loses against the best teacher, and the difference of
 * the means with its interval.
 *
 * @param means Verdicts on the means. Default: none.
 *
 * @example
 * ```ts
 * import { comparisonText } from "@hashigo/hashigo/report";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * const text = comparisonText([{ ...row, model: "student", value: 90 }]);
 * if (!text.includes("90.0*")) throw new Error("The best is marked");
 * ```
 */
export function comparisonText(
  rows: readonly EvaluationRow[],
  means: readonly MeanVerdict[] = [],
): string {
  const parts = byMetric(rows);
  if (parts.length === 0) return scoreText([]);
  return parts.map(([metric, rows]) => {
    const note = directionNote(metric);
    const titled = parts.length > 1 || note !== "";
    return [
      ...titled ? [metricTitle(metric) + note] : [],
      scoreText(rows),
      ...verdictLines(rows, means.filter((mean) => mean.metric === metric)),
    ].join("\n");
  }).join("\n\n");
}

/** The table of one metric. */
function scoreText(rows: readonly EvaluationRow[]): string {
  const { tasks, lines, best, bestMean } = scorecard(rows);
  const mark = (value: number | undefined, highest: number | undefined) =>
    decimals(value, 1) + (value === undefined ? "" : value === highest ? "*" : " ");
  const body = lines.map(({ model, cells, mean }) => [
    model,
    ...cells.map((cell, i) => mark(cell?.value, best[i])),
    ...(tasks.length > 1 ? [mark(mean, bestMean)] : []),
  ]);
  const header = ["model", ...tasks, ...(tasks.length > 1 ? ["mean"] : [])];
  return textTable(header.map((title, i) => i === 0 ? title : `${title} `), body);
}

/** One line for each student, such as "student against the best teacher: wins 1 (digits +2.1), …". */
function verdictLines(
  rows: readonly EvaluationRow[],
  means: readonly MeanVerdict[],
): string[] {
  const judged = rows.flatMap(({ model, task, verdict }) =>
    verdict ? [{ model, task, verdict }] : []
  );
  const lines = [...Map.groupBy(judged, ({ model }) => model)].map(([model, judgedTasks]) => {
    const part = (outcome: Verdict["outcome"]) => {
      const matches = judgedTasks.filter(({ verdict }) => verdict.outcome === outcome);
      const tasks = matches.map(({ task, verdict }) => `${task} ${signed(verdict.difference)}`);
      const list = tasks.length > 0 ? ` (${tasks.join(", ")})` : "";
      return `${outcomeVerbs[outcome]} ${matches.length}${list}`;
    };
    const mean = means.find((one) => one.model === model);
    return `${model} against the best teacher: ${outcomes.map(part).join(", ")}` +
      (mean === undefined ? "" : `; ${meanVerdictText(mean)}`);
  });
  return lines.length === 0
    ? []
    : [...lines, "(a tie: 0 lies in the 95 % interval of the difference over the test images)"];
}
