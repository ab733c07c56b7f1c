/** Lines of a training run, one for each teacher, over its steps. */
import type { StepReport } from "../../runs/step_report.ts";
import { axis, escapeLabel } from "./figure.ts";
import type { Series } from "./series.ts";
import type { Theme } from "./theme.ts";

/** Teachers of a run in the order of its recipe. */
export function teachersOf(reports: readonly StepReport[]): string[] {
  return Object.keys(reports.at(-1)?.losses ?? {});
}

/** The line of one teacher, in its colour. */
export function teacherLine(teacher: string, points: Series, colours: Map<string, string>) {
  return {
    type: "scatter",
    mode: "lines",
    name: escapeLabel(teacher),
    legendgroup: escapeLabel(teacher),
    ...points,
    line: { color: colours.get(teacher), width: 2 },
    hovertemplate: `${escapeLabel(teacher)}, step %{x}: %{y:.3f}<extra></extra>`,
  };
}

/** The axis of steps. */
export function stepAxis(theme: Theme) {
  return { ...axis(theme, "step"), rangemode: "tozero", showgrid: false };
}
