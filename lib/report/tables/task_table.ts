/** Many tasks of few models: tasks go down the page, models across it. */
import { lowerIsBetter, unitOfMetric } from "../../metrics/comparison/evaluation_metric.ts";
import { byMetric, scorecard } from "../../metrics/comparison/scorecard.ts";
import type { EvaluationRow, Verdict } from "../../metrics/comparison/evaluation_row.ts";
import { markdownTable } from "./markdown_table.ts";
import { textTable } from "./tables.ts";

/** A table whose columns are models, with the verdict on the first student last. */
export interface TaskTable {
  /** What was measured. */
  readonly metric: string;
  /** "task", the models, and "verdict" where there is one. */
  readonly header: readonly string[];
  /** A line for each task and, where there are several, one for their mean. */
  readonly body: readonly (readonly string[])[];
}

const words: Readonly<Record<Verdict["outcome"], string>> = {
  win: "wins",
  tie: "ties",
  loss: "loses",
};

/**
 * Turns results into tables, one for each metric, in which the best of each task is marked.
 *
 * @param mark what is done to the text of the best value, such as putting asterisks around it.
 *
 * @example
 * ```ts
 * import { taskTables } from "@hashigo/hashigo";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * const rows = [{ ...row, model: "student", value: 90 }, { ...row, model: "pixels", value: 80 }];
 * const [table] = taskTables(rows, (text) => `**${text}**`);
 * if (table?.body[0]?.join(" ") !== "digits **90.0** 80.0") throw new Error("One line");
 * ```
 */
export function taskTables(
  rows: readonly EvaluationRow[],
  mark: (text: string) => string,
): TaskTable[] {
  return byMetric(rows).map(([metric, own]) => taskTable(metric, own, mark));
}

function taskTable(
  metric: string,
  rows: readonly EvaluationRow[],
  mark: (text: string) => string,
): TaskTable {
  const { tasks, lines, best, bestMean } = scorecard(rows);
  const judged = lines.find(({ cells }) => cells.some((cell) => cell?.verdict !== undefined));
  const text = (value: number | undefined, highest: number | undefined) =>
    value === undefined ? "-" : value === highest ? mark(value.toFixed(1)) : value.toFixed(1);
  const body = tasks.map((task, i) => [
    task,
    ...lines.map(({ cells }) => text(cells[i]?.value, best[i])),
    ...(judged ? [verdictText(judged.cells[i]?.verdict)] : []),
  ]);
  if (tasks.length > 1) {
    const means = lines.map(({ mean }) => text(mean, bestMean));
    body.push(["mean", ...means, ...(judged ? [tally(judged.cells)] : [])]);
  }
  const models = lines.map(({ model }) => model);
  return { metric, header: ["task", ...models, ...(judged ? ["verdict"] : [])], body };
}

/** Such as "loses by 3.1 to mobilenet". */
function verdictText(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "";
  const by = Math.abs(verdict.difference).toFixed(1);
  const relation = verdict.outcome === "win" ? "over" : verdict.outcome === "loss" ? "to" : "with";
  const points = verdict.outcome === "tie" ? `(${signed(verdict.difference)})` : `by ${by}`;
  return `${words[verdict.outcome]} ${points} ${relation} ${verdict.against}`;
}

function tally(cells: readonly (EvaluationRow | undefined)[]): string {
  return (["win", "tie", "loss"] as const).map((outcome) => {
    const count = cells.filter((cell) => cell?.verdict?.outcome === outcome).length;
    return `${words[outcome]} ${count}`;
  }).join(", ");
}

function signed(value: number): string {
  return (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);
}

/**
 * The tables for a terminal; the best of each task has an asterisk.
 *
 * @example
 * ```ts
 * import { tallText } from "@hashigo/hashigo";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * if (!tallText([{ ...row, model: "student", value: 90 }]).includes("90.0*")) throw new Error();
 * ```
 */
export function tallText(rows: readonly EvaluationRow[]): string {
  return taskTables(rows, (text) => `${text}*`).map(({ metric, header, body }) => {
    const note = lowerIsBetter(metric) ? " (lower is better)" : "";
    return `${metric}, ${unitOfMetric(metric)}${note}\n${textTable(header, body)}`;
  }).join("\n\n");
}

/**
 * The tables as Markdown; the best of each task is bold.
 *
 * @example
 * ```ts
 * import { tallMarkdown } from "@hashigo/hashigo";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * const text = tallMarkdown([{ ...row, model: "student", value: 90 }]);
 * if (!text.includes("| digits | **90.0** |")) throw new Error("A line of the table");
 * ```
 */
export function tallMarkdown(rows: readonly EvaluationRow[]): string {
  return taskTables(rows, (text) => `**${text}**`).map(({ metric, header, body }) => {
    const note = lowerIsBetter(metric) ? " (lower is better)" : "";
    return `**${metric}, ${unitOfMetric(metric)}**${note}\n\n${
      markdownTable(header, body, ["verdict"])
    }`;
  }).join("\n\n");
}
