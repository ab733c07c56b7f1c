/** Many tasks of few models: tasks go down the page, models across it. */
import { byMetric, scorecard } from "../../metrics/comparison/scorecard.ts";
import type {
  EvaluationRow,
  MeanVerdict,
  Verdict,
} from "../../metrics/comparison/evaluation_row.ts";
import { decimals, signed } from "../format.ts";
import { bold, markdownTable } from "./markdown_table.ts";
import { meanVerdictText } from "./mean_verdict.ts";
import { directionNote, metricTitle, outcomes, outcomeVerbs } from "./metric_title.ts";
import { textTable } from "./text_table.ts";

/** A table whose columns are models, with the verdict on the first student last. */
export interface TaskTable {
  /** What was measured. */
  readonly metric: string;
  /** "task", the models, and "verdict" where there is one. */
  readonly header: readonly string[];
  /** A line for each task and, where there are several, one for their mean. */
  readonly body: readonly (readonly string[])[];
}

/**
 * Results as tables, one for each metric, in which the best of each task is marked.
 *
 * @param mark Marks the text of the best value, such as by asterisks around it.
 * @param means Verdicts on the mean, which stand behind those that are counted. Default: none.
 *
 * @example
 * ```ts
 * import { taskTables } from "./task_table.ts";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * const rows = [{ ...row, model: "student", value: 90 }, { ...row, model: "pixels", value: 80 }];
 * const [table] = taskTables(rows, (text) => `**${text}**`);
 * if (table?.body[0]?.join(" ") !== "digits **90.0** 80.0") throw new Error("One line");
 * ```
 */
export function taskTables(
  rows: readonly EvaluationRow[],
  mark: (text: string) => string,
  means: readonly MeanVerdict[] = [],
): TaskTable[] {
  return byMetric(rows).map(([metric, rows]) =>
    taskTable(rows, { metric, mark, means: means.filter((mean) => mean.metric === metric) })
  );
}

function taskTable(
  rows: readonly EvaluationRow[],
  { metric, mark, means }: {
    readonly metric: string;
    readonly mark: (text: string) => string;
    readonly means: readonly MeanVerdict[];
  },
): TaskTable {
  const { tasks, lines, best, bestMean } = scorecard(rows);
  const judged = lines.find(({ cells }) => cells.some((cell) => cell?.verdict !== undefined));
  const text = (value: number | undefined, highest: number | undefined) =>
    value !== undefined && value === highest ? mark(decimals(value, 1)) : decimals(value, 1);
  const body = tasks.map((task, i) => [
    task,
    ...lines.map(({ cells }) => text(cells[i]?.value, best[i])),
    ...(judged ? [verdictText(judged.cells[i]?.verdict)] : []),
  ]);
  if (tasks.length > 1) {
    const values = lines.map(({ mean }) => text(mean, bestMean));
    const own = means.find(({ model }) => model === judged?.model);
    const verdict = judged &&
      [tally(judged.cells), ...own ? [meanVerdictText(own)] : []].join("; ");
    body.push(["mean", ...values, ...(verdict === undefined ? [] : [verdict])]);
  }
  const models = lines.map(({ model }) => model);
  return { metric, header: ["task", ...models, ...(judged ? ["verdict"] : [])], body };
}

/** Such as "loses by 3.1 to mobilenet". */
function verdictText(verdict: Verdict | undefined): string {
  if (verdict === undefined) return "";
  const { outcome, difference, against } = verdict;
  const relation = { win: "over", tie: "with", loss: "to" }[outcome];
  const points = outcome === "tie"
    ? `(${signed(difference)})`
    : `by ${Math.abs(difference).toFixed(1)}`;
  return `${outcomeVerbs[outcome]} ${points} ${relation} ${against}`;
}

/** Such as "wins 0, ties 4, loses 10". */
function tally(cells: readonly (EvaluationRow | undefined)[]): string {
  return outcomes.map((outcome) => {
    const count = cells.filter((cell) => cell?.verdict?.outcome === outcome).length;
    return `${outcomeVerbs[outcome]} ${count}`;
  }).join(", ");
}

/**
 * The tables for a terminal; the best of each task has an asterisk.
 *
 * @example
 * ```ts
 * import { taskTableText } from "@hashigo/hashigo/report";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * const text = taskTableText([{ ...row, model: "student", value: 90 }]);
 * if (!text.includes("90.0*")) throw new Error("The best is marked");
 * ```
 */
export function taskTableText(
  rows: readonly EvaluationRow[],
  means?: readonly MeanVerdict[],
): string {
  return taskTables(rows, (text) => `${text}*`, means).map(({ metric, header, body }) =>
    `${metricTitle(metric)}${directionNote(metric)}\n${textTable(header, body)}`
  ).join("\n\n");
}

/**
 * The tables as Markdown; the best of each task is bold.
 *
 * @example
 * ```ts
 * import { taskTableMarkdown } from "@hashigo/hashigo/report";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * const text = taskTableMarkdown([{ ...row, model: "student", value: 90 }]);
 * if (!text.includes("| digits | **90.0** |")) throw new Error("A line of the table");
 * ```
 */
export function taskTableMarkdown(
  rows: readonly EvaluationRow[],
  means?: readonly MeanVerdict[],
): string {
  return taskTables(rows, bold, means).map(({ metric, header, body }) => {
    const table = markdownTable(header, body, ["verdict"]);
    return `${bold(metricTitle(metric))}${directionNote(metric)}\n\n${table}`;
  }).join("\n\n");
}
