/** Shares of the loss that teachers keep, as a plotly value. */
import type { StepReport } from "../../runs/step_report.ts";
import {
  baseLayout,
  coloursOf,
  type Figure,
  type FigureOptions,
  notedWhereEmpty,
  percentAxis,
} from "./figure.ts";
import { smooth } from "./series.ts";
import { stepAxis, teacherLine, teachersOf } from "./teacher_lines.ts";
import { lightTheme } from "./theme.ts";

/**
 * Share of the loss that each teacher kept after dropping (paper figure 4); the dotted line is an
 * equal share.
 *
 * @example
 * ```ts
 * import { shareFigure } from "@hashigo/hashigo/report";
 * if (shareFigure([]).data.length !== 0) throw new Error("Nothing was measured");
 * ```
 */
export function shareFigure(reports: readonly StepReport[], options: FigureOptions = {}): Figure {
  const { theme = lightTheme } = options;
  const teachers = teachersOf(reports, options);
  const colours = coloursOf(teachers, options);
  const steps = reports.map((report) => report.step);
  const data = teachers.map((teacher) => {
    const values = reports.map((report) => 100 * (report.shares[teacher] ?? NaN));
    const points = smooth(steps, values, { window: 0.04 });
    return { ...teacherLine(teacher, points, colours), showlegend: true };
  });
  const equal = 100 / Math.max(1, teachers.length);
  return notedWhereEmpty({
    data,
    layout: {
      ...baseLayout(theme, teachers),
      xaxis: stepAxis(theme),
      yaxis: percentAxis(theme, "kept share"),
      shapes: [{
        type: "line",
        xref: "paper",
        x0: 0,
        x1: 1,
        y0: equal,
        y1: equal,
        line: { color: theme.muted, width: 1, dash: "dot" },
      }],
    },
  }, theme);
}
