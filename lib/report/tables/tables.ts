/** Tables for terminals and for files. */
import type { Evaluation } from "../../evaluation/results.ts";
import { type CostRow, sumOfCosts } from "../../metrics/costs/cost.ts";
import { lowerIsBetter, unitOfMetric } from "../../metrics/comparison/evaluation_metric.ts";
import { byMetric, scorecard } from "../../metrics/comparison/scorecard.ts";
import type { EvaluationRow, Verdict } from "../../metrics/comparison/evaluation_row.ts";

/**
 * Aligns columns: the first to the left, the others to the right.
 *
 * @example
 * ```ts
 * import { textTable } from "@hashigo/hashigo";
 * const text = textTable(["model", "score"], [["student", "90.1"], ["pixels", "7.5"]]);
 * if (text.split("\n")[2] !== "student   90.1") throw new Error("Not aligned");
 * ```
 */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) =>
    Math.max(...[title, ...rows.map((row) => row[i] ?? "")].map(displayWidth))
  );
  const line = (cells: readonly string[]) =>
    widths.map((width, i) => {
      const gap = " ".repeat(width - displayWidth(cells[i] ?? ""));
      return i === 0 ? (cells[i] ?? "") + gap : gap + (cells[i] ?? "");
    }).join("  ").trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [line(header), rule, ...rows.map(line)].join("\n");
}

/**
 * Comma-separated values; cells with commas, quotes or line breaks are quoted.
 *
 * @example
 * ```ts
 * import { csvTable } from "@hashigo/hashigo";
 * const text = csvTable(["model", "score"], [["a, b", "1"]]);
 * if (text !== 'model,score\n"a, b",1\n') throw new Error("Not quoted");
 * ```
 */
export function csvTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return [header, ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
}

/**
 * Models by tasks, with the mean; the best of each column is marked with an asterisk. Below, for every
 * student that has verdicts, the tasks where it wins, ties and loses against the best teacher.
 *
 * @example
 * ```ts
 * import { comparisonText } from "@hashigo/hashigo";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * const text = comparisonText([{ ...row, model: "student", value: 90 }]);
 * if (!text.includes("90.0*")) throw new Error("The best is marked");
 * ```
 */
export function comparisonText(rows: readonly EvaluationRow[]): string {
  const parts = byMetric(rows);
  const text = parts.map(([metric, own]) => {
    const note = lowerIsBetter(metric) ? " (lower is better)" : "";
    const title = parts.length > 1 || note !== ""
      ? `${metric}, ${unitOfMetric(metric)}${note}\n`
      : "";
    return [title + metricText(own), ...verdictLines(own)].join("\n");
  });
  return text.length === 0 ? metricText([]) : text.join("\n\n");
}

/** One line for each student, such as "student against the best teacher: wins 1 (digits +2.1), …". */
function verdictLines(rows: readonly EvaluationRow[]): string[] {
  const judged = rows.flatMap(({ model, task, verdict }) =>
    verdict ? [{ model, task, verdict }] : []
  );
  const lines = [...Map.groupBy(judged, ({ model }) => model)].map(([model, own]) => {
    const part = (outcome: Verdict["outcome"], verb: string) => {
      const some = own.filter(({ verdict }) => verdict.outcome === outcome);
      const tasks = some.map(({ task, verdict }) => `${task} ${signed(verdict.difference)}`);
      return `${verb} ${some.length}${tasks.length > 0 ? ` (${tasks.join(", ")})` : ""}`;
    };
    const parts = [part("win", "wins"), part("tie", "ties"), part("loss", "loses")];
    return `${model} against the best teacher: ${parts.join(", ")}`;
  });
  return lines.length === 0
    ? []
    : [...lines, "(a tie: 0 lies in the 95 % interval of the difference over the test images)"];
}

/** One decimal, with its sign. */
function signed(value: number): string {
  return (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);
}

function metricText(rows: readonly EvaluationRow[]): string {
  const { tasks, lines, best, bestMean } = scorecard(rows);
  const mark = (value: number | undefined, highest: number | undefined) =>
    value === undefined ? "-" : value.toFixed(1) + (value === highest ? "*" : " ");
  const body = lines.map(({ model, cells, mean }) => [
    model,
    ...cells.map((cell, i) => mark(cell?.value, best[i])),
    ...(tasks.length > 1 ? [mark(mean, bestMean)] : []),
  ]);
  const header = ["model", ...tasks, ...(tasks.length > 1 ? ["mean"] : [])];
  return textTable(header.map((title, i) => i === 0 ? title : `${title} `), body);
}

/**
 * Evaluation rows as CSV, one line each, for spreadsheets and for `data/results/`. Where a row has a
 * verdict there are six more columns: outcome, teacher, difference with its interval, p-value.
 *
 * @example
 * ```ts
 * import { evaluationCsv } from "@hashigo/hashigo";
 * if (!evaluationCsv([]).startsWith("model,task,metric,value")) throw new Error("Header first");
 * ```
 */
export function evaluationCsv(rows: readonly EvaluationRow[]): string {
  const judged = rows.some(({ verdict }) => verdict !== undefined);
  return csvTable(
    [
      ...["model", "task", "metric", "value", "low", "high", "images", "seconds"],
      ...(judged ? verdictHeader : []),
    ],
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

const verdictHeader = [
  "verdict",
  "against",
  "difference",
  "difference_low",
  "difference_high",
  "p",
];

function verdictCells(verdict: Verdict | undefined): string[] {
  if (verdict === undefined) return verdictHeader.map(() => "");
  const { outcome, against, difference, low, high, p } = verdict;
  return [outcome, against, ...[difference, low, high].map((one) => one.toFixed(2)), p.toFixed(3)];
}

/**
 * Parameters, GFLOP and milliseconds per image of every model.
 *
 * @example
 * ```ts
 * import { costText } from "@hashigo/hashigo";
 * const text = costText([{ model: "student", parameters: 720_000, milliseconds: 0.4 }]);
 * if (!text.includes("0.720 M")) throw new Error("Millions");
 * ```
 */
export function costText(rows: readonly CostRow[]): string {
  return textTable(costHeader, rows.map(costCells));
}

/** Costs of the measured models and, in a last line, of all teachers together. */
export function evaluationCosts(
  { costs, models }: Pick<Evaluation, "costs" | "models">,
): CostRow[] {
  const teachers = models.filter(([, role]) => role === "teacher").map(([name]) => name);
  const theirs = costs.filter(({ model }) => teachers.includes(model));
  return theirs.length < 2
    ? [...costs]
    : [...costs, sumOfCosts(`all ${theirs.length} teachers`, theirs)];
}

/** Titles of the columns of a table of costs. */
export const costHeader: readonly string[] = ["model", "parameters", "GFLOP/image", "ms/image"];

/** Cells of one line of a table of costs. */
export function costCells({ model, parameters, gflop, milliseconds }: CostRow): string[] {
  return [model, millions(parameters), significant(gflop), significant(milliseconds)];
}

/** A count of parameters in millions: "0.72 M", "85.8 M". */
export function millions(count: number): string {
  return `${significant(count / 1e6)} M`;
}

/** Three significant digits, without an exponent. */
export function significant(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  if (value === 0) return "0";
  return value.toFixed(Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))));
}

/** Columns that a text fills in a terminal: letters of East Asia fill two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/.test(letter)
      ? 2
      : 1;
  }
  return width;
}
