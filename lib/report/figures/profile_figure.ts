/** The student against its teachers, task by task, as a plotly value. */
import { lowerIsBetter } from "../../metrics/comparison/evaluation_metric.ts";
import { scorecard, type ScorecardLine } from "../../metrics/comparison/scorecard.ts";
import type { EvaluationRow } from "../../metrics/comparison/evaluation_row.ts";
import {
  axis,
  baseLayout,
  coloursOf,
  type Figure,
  type FigureOptions,
  lineDash,
  nameAxis,
  notedWhereEmpty,
  repeatsOf,
} from "./figure.ts";
import { escapeLabel, label, labelsOf, namesBelow } from "./labels.ts";
import { lightTheme } from "./theme.ts";

/**
 * Parallel lines over tasks of one metric: how many points each student and teacher is better (or,
 * below zero, worse) than the best teacher of that task. Where rows have verdicts, the student's
 * points carry the 95 % interval of the difference. Baselines are left out.
 *
 * @example
 * ```ts
 * import { profileFigure } from "@hashigo/hashigo/report";
 * const row = { task: "a", metric: "k-NN", low: 0, high: 100, images: 10, seconds: 1 };
 * const rows = [{ ...row, model: "s", value: 90 }, { ...row, model: "t", value: 88 }];
 * const { data } = profileFigure(rows, { models: [["s", "student"], ["t", "teacher"]] });
 * if (JSON.stringify(data.at(-1)?.y) !== "[2]") throw new Error("Two points above the teacher");
 * ```
 */
export function profileFigure(
  rows: readonly EvaluationRow[],
  options: FigureOptions = {},
): Figure {
  const { theme = lightTheme } = options;
  const { tasks, lines } = scorecard(rows);
  const roles = new Map(options.models ?? lines.map(({ model }) => [model, "teacher"] as const));
  const sign = rows[0] && lowerIsBetter(rows[0].metric) ? -1 : 1;
  const best = bestOf(lines.filter(({ model }) => roles.get(model) === "teacher"), tasks, sign);
  const colours = coloursOf(lines.map(({ model }) => model), options);
  const repeats = repeatsOf(colours);
  // The student last: it is drawn above the others.
  const drawn = (["teacher", "student"] as const).flatMap((role) =>
    lines.filter(({ model }) => roles.get(model) === role).map((line) => ({ ...line, role }))
  );
  const { tickangle, below } = namesBelow(tasks);
  const data = drawn.map(({ model, cells, role }) => ({
    type: "scatter",
    mode: "lines+markers",
    name: label(model),
    x: labelsOf(tasks),
    y: cells.map((cell, i) => cell ? sign * (cell.value - best[i]!) : null)
      .map((gap) => Number.isFinite(gap) ? gap : null),
    line: {
      color: colours.get(model),
      width: role === "student" ? 3 : 1.5,
      dash: lineDash(repeats.get(model) ?? 0),
    },
    marker: { color: colours.get(model), size: role === "student" ? 9 : 6 },
    error_y: role === "student" ? intervals(cells, sign, theme.ink) : undefined,
    hovertemplate: `${escapeLabel(model)}, %{x}: %{y:+.1f}<extra></extra>`,
    showlegend: true,
  }));
  return notedWhereEmpty({
    data,
    layout: {
      ...baseLayout(theme, drawn.map(({ model }) => model), below),
      xaxis: nameAxis(theme, tickangle),
      yaxis: {
        ...axis(theme, "points against the best teacher"),
        zerolinecolor: theme.muted,
        zeroline: true,
      },
    },
  }, theme);
}

/** The best value of the teachers on each task. */
function bestOf(teachers: readonly ScorecardLine[], tasks: readonly string[], sign: number) {
  return tasks.map((_, i) =>
    sign * Math.max(...teachers.flatMap(({ cells }) => cells[i] ? [sign * cells[i].value] : []))
  );
}

/** 95 % intervals of the differences to the best teacher, as error bars. */
function intervals(cells: ScorecardLine["cells"], sign: number, color: string) {
  const verdicts = cells.map((cell) => cell?.verdict);
  const upper = verdicts.map((verdict) => verdict ? verdict.high - verdict.difference : 0);
  const lower = verdicts.map((verdict) => verdict ? verdict.difference - verdict.low : 0);
  return {
    type: "data",
    symmetric: false,
    array: sign > 0 ? upper : lower,
    arrayminus: sign > 0 ? lower : upper,
    color,
    thickness: 1.5,
    width: 0,
  };
}
