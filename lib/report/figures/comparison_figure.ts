/** Every model on every task, as a plotly value. */
import { scorecard } from "../../metrics/comparison/scorecard.ts";
import type { EvaluationRow } from "../../metrics/comparison/evaluation_row.ts";
import {
  axis,
  barPattern,
  baseLayout,
  coloursOf,
  type Figure,
  type FigureOptions,
  nameAxis,
  notedWhereEmpty,
  repeatsOf,
} from "./figure.ts";
import { escapeLabel, label, labelsOf, namesBelow } from "./labels.ts";
import { lightTheme } from "./theme.ts";

/**
 * Every model on every task, and on their mean, as bars with 95 % intervals.
 *
 * @example
 * ```ts
 * import { comparisonFigure } from "@hashigo/hashigo/report";
 * const row = { task: "digits", metric: "k-NN", low: 88, high: 92, images: 10, seconds: 1 };
 * const { data } = comparisonFigure([{ ...row, model: "student", value: 90 }]);
 * if (data.length !== 1) throw new Error("One group of bars for each model");
 * ```
 */
export function comparisonFigure(
  rows: readonly EvaluationRow[],
  options: FigureOptions = {},
): Figure {
  const { theme = lightTheme } = options;
  const { tasks, lines } = scorecard(rows);
  const colours = coloursOf(lines.map(({ model }) => model), options);
  const repeats = repeatsOf(colours);
  const withMean = tasks.length > 1;
  const labels = [...labelsOf(tasks), ...(withMean ? ["<b>mean</b>"] : [])];
  const { tickangle, below } = namesBelow(labels);
  const data = lines.map(({ model, cells, mean }) => ({
    type: "bar",
    name: label(model),
    x: labels,
    y: [...cells.map((cell) => cell?.value ?? null), ...(withMean ? [mean ?? null] : [])],
    error_y: {
      type: "data",
      symmetric: false,
      array: cells.map((cell) => cell ? cell.high - cell.value : 0),
      arrayminus: cells.map((cell) => cell ? cell.value - cell.low : 0),
      color: theme.muted,
      thickness: 1,
      width: 0,
    },
    marker: {
      color: colours.get(model) ?? theme.muted,
      pattern: { shape: barPattern(repeats.get(model) ?? 0), solidity: 0.4 },
    },
    hovertemplate: `${escapeLabel(model)}: %{y:.1f} %<extra></extra>`,
  }));
  const metrics = new Set(rows.map((row) => row.metric));
  return notedWhereEmpty({
    data,
    layout: {
      ...baseLayout(theme, lines.map(({ model }) => model), below),
      margin: { l: 56, r: 12, t: 44, b: 30 },
      barmode: "group",
      bargap: 0.22,
      bargroupgap: 0.08,
      xaxis: { ...nameAxis(theme, tickangle), showgrid: false },
      yaxis: { ...axis(theme, [...metrics].map(escapeLabel).join(", ")), ticksuffix: " %" },
    },
  }, theme);
}
