/** Section of a report: every model on every task. */
import { lowerIsBetter } from "../../../metrics/comparison/evaluation_metric.ts";
import { byMetric, scorecard } from "../../../metrics/comparison/scorecard.ts";
import type {
  EvaluationRow,
  MeanVerdict,
  Verdict,
} from "../../../metrics/comparison/evaluation_row.ts";
import { comparisonFigure } from "../../figures/comparison_figure.ts";
import type { Figure } from "../../figures/figure.ts";
import { signed } from "../../format.ts";
import { html, type Markup } from "../../html.ts";
import { namedTheme } from "../../figures/named_theme.ts";
import { profileFigure } from "../../figures/profile_figure.ts";
import type { ReportInput } from "../report_input.ts";
import { dot, figurePlace, framed, roleOf, type Section, table } from "./section.ts";

/** From so many tasks on, lines from task to task are drawn below the bars. */
const profileFrom = 3;
/** With more tasks than this, the table has a row for each task instead of each model. */
const widestTable = 6;

/** One figure and one table for each metric, with the verdicts against the best teacher. */
export function comparisonSection(input: ReportInput): Section | undefined {
  const parts = byMetric(input.rows);
  if (parts.length === 0) return undefined;
  const options = { theme: namedTheme, models: input.models };
  const figures: Record<string, Figure> = {};
  const place = (id: string, figure: Figure, title: string) => {
    figures[id] = figure;
    return html`<div class="card"><h3>${title}</h3>${figurePlace(id, title)}</div>`;
  };
  const contents = parts.map(([metric, rows], i) =>
    html`
      ${parts.length > 1 ? html`<h3>${metric}</h3>` : undefined}
      ${place(
        `comparison${i}`,
        comparisonFigure(rows, options),
        `${metric} of every model on every task`,
      )}
      <div class="card scroll">${scoreTable({ ...input, rows })}</div>
      ${hasProfile(rows, input)
        ? place(
          `profile${i}`,
          profileFigure(rows, options),
          `Points of ${metric} against the best teacher of each task`,
        )
        : undefined}
      ${verdictCard(rows, input.means?.filter((mean) => mean.metric === metric) ?? [])}
    `
  );
  const note = html`
    <p class="note">Frozen features; 95 % intervals over test images. The best of each task is
    underlined.</p>
    ${readoutNote(input)}
  `;
  return { markup: framed("Comparison", contents, note), figures };
}

function hasProfile(rows: readonly EvaluationRow[], input: ReportInput): boolean {
  const models = new Set(rows.map(({ model }) => roleOf(input, model)));
  const tasks = new Set(rows.map(({ task }) => task));
  return tasks.size >= profileFrom && models.has("student") && models.has("teacher");
}

/** Models by tasks, or tasks by models where there are many, with half-widths of the intervals. */
function scoreTable(input: ReportInput): Markup {
  const { tasks, lines, best, bestMean } = scorecard(input.rows);
  const score = (value: number | undefined, highest: number | undefined, half?: number) =>
    value === undefined
      ? html`<td>–</td>`
      : html`<td>${
        value === highest ? html`<span class="best">${value.toFixed(1)}</span>` : value.toFixed(1)
      }${half === undefined ? undefined : html`<small>±${half.toFixed(1)}</small>`}</td>`;
  const cellsOf = ({ cells, mean }: typeof lines[number]) => [
    ...cells.map((cell, i) => score(cell?.value, best[i], cell && (cell.high - cell.low) / 2)),
    ...(tasks.length > 1 ? [score(mean, bestMean)] : []),
  ];
  const columns = [...tasks, ...(tasks.length > 1 ? ["mean"] : [])];
  const named = (model: string) => html`${dot(input, model)}${model}`;
  if (tasks.length <= widestTable) {
    const rows = lines.map((line) =>
      html`<tr class="${roleOf(input, line.model)}"><td>${named(line.model)}</td>${
        cellsOf(line)
      }</tr>`
    );
    return table(["", ...columns], rows);
  }
  const cells = lines.map(cellsOf);
  const rows = columns.map((task, i) =>
    html`<tr><td>${task}</td>${cells.map((column) => column[i])}</tr>`
  );
  return table(["", ...lines.map(({ model }) => named(model))], rows);
}

/** How each model was read out where the rule is the same for all. */
function readoutNote({ readouts = [] }: ReportInput): Markup | undefined {
  if (readouts.length === 0) return undefined;
  return html`
    <p class="note">Same readout for all: each model by the stages and predictions that serve it best in
    cross-validation within the train parts; test images take no part. ${readouts.map((
      { model, readout, corpus },
    ) => `${model}: ${readout}${corpus === undefined ? "" : ` (statistics of ${corpus})`}.`).join(
      " ",
    )}</p>
  `;
}

const marks: Readonly<Record<Verdict["outcome"], string>> = { win: "▲", tie: "=", loss: "▼" };

/** How the student does on each task against the best teacher there. */
function verdictCard(
  rows: readonly EvaluationRow[],
  means: readonly MeanVerdict[],
): Markup | undefined {
  const judged = [
    ...rows.flatMap(({ model, task, metric, verdict }) =>
      verdict ? [{ model, task, metric, ...verdict }] : []
    ),
    ...means.map(({ tasks, ...mean }) => ({ ...mean, task: `mean of ${tasks} tasks` })),
  ];
  if (judged.length === 0) return undefined;
  const students = new Set(judged.map(({ model }) => model)).size;
  const lines = judged.map(({ model, task, against, outcome, difference, low, high, p }) =>
    html`
      <tr>
        <td>${students > 1 ? `${model}, ${task}` : task}</td>
        <td>${against}</td>
        <td>${signed(difference)} <small>${signed(low)} to ${signed(high)}</small></td>
        <td>${p < 0.001 ? "< 0.001" : p.toFixed(3)}</td>
        <td><span class="verdict ${outcome}">${marks[outcome]} ${outcome}</span></td>
      </tr>
    `
  );
  const better = lowerIsBetter(judged[0]?.metric ?? "") ? "lower is better" : "points";
  return html`
    <div class="card scroll">
      <h3>Against the best teacher of each task</h3>
      ${table(["", "best teacher", `difference, ${better}`, "p", "student"], lines)}
    </div>
    <p class="note">A tie: 0 lies in the 95 % interval of the difference, by a paired bootstrap over the
    test images. Each line stands alone: of twenty equal pairs about one seems to differ.</p>
  `;
}
