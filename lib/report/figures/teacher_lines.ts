/** Lines of a training run, one for each teacher, over its steps. */
import type { StepReport } from "../../runs/step_report.ts";
import { axis, type FigureOptions, lineDash, lineMode, repeatsOf } from "./figure.ts";
import { escapeLabel, label } from "./labels.ts";
import type { Series } from "./series.ts";
import type { Theme } from "./theme.ts";

/** Teachers of a run, in the order of `models` where they are given: logs once held them by name. */
export function teachersOf(
  reports: readonly StepReport[],
  { models = [] }: Pick<FigureOptions, "models">,
): string[] {
  const place = new Map(models.map(([name], i) => [name, i]));
  const placeOf = (name: string) => place.get(name) ?? models.length;
  return Object.keys(reports.at(-1)?.losses ?? {}).sort((a, b) => placeOf(a) - placeOf(b));
}

/** The line of one teacher, in its colour. */
export function teacherLine(teacher: string, points: Series, colours: Map<string, string>) {
  return {
    type: "scatter",
    mode: lineMode(points.x),
    name: label(teacher),
    legendgroup: escapeLabel(teacher),
    ...points,
    line: {
      color: colours.get(teacher),
      width: 2,
      dash: lineDash(repeatsOf(colours).get(teacher) ?? 0),
    },
    hovertemplate: `${escapeLabel(teacher)}, step %{x}: %{y:.3f}<extra></extra>`,
  };
}

/** The axis of steps. */
export function stepAxis(theme: Theme) {
  return { ...axis(theme, "step"), rangemode: "tozero", showgrid: false };
}
