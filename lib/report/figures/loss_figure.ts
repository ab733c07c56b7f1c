/** Losses of a training run as a plotly value. */
import type { StepReport } from "../../runs/step_report.ts";
import {
  axis,
  baseLayout,
  coloursOf,
  type Figure,
  type FigureOptions,
  notedWhereEmpty,
} from "./figure.ts";
import { smooth } from "./series.ts";
import { stepAxis, teacherLine, teachersOf } from "./teacher_lines.ts";
import { lightTheme, type Theme } from "./theme.ts";

const panelTitles = { cls: "CLS token", patch: "Patch tokens" } as const;

/**
 * Losses of every teacher over the run, CLS and patch tokens side by side on one scale.
 *
 * @example
 * ```ts
 * import { lossFigure } from "@hashigo/hashigo/report";
 * if (lossFigure([]).data.length !== 0) throw new Error("Nothing was measured");
 * ```
 */
export function lossFigure(reports: readonly StepReport[], options: FigureOptions = {}): Figure {
  const { theme = lightTheme } = options;
  // The first batch of targets is not standardised yet, so its loss is on another scale.
  const settled = reports.filter((report) => report.step > 1);
  const shown = settled.length > 0 ? settled : reports;
  const types = (["cls", "patch"] as const).filter((type) =>
    shown.some((report) => Object.values(report.losses).some((losses) => type in losses))
  );
  const colours = coloursOf(teachersOf(reports, options), options);
  const data = lossLines(shown, teachersOf(reports, options), types, colours);
  const panels = types.map((type, i) => panelTitle(panelTitles[type], i, types.length, theme));
  const twoPanels = types.length > 1;
  return notedWhereEmpty({
    data,
    layout: {
      ...baseLayout(theme, teachersOf(reports, options)),
      annotations: panels,
      xaxis: { ...stepAxis(theme), domain: twoPanels ? [0, 0.48] : [0, 1] },
      ...twoPanels && { xaxis2: { ...stepAxis(theme), domain: [0.52, 1], matches: "x" } },
      yaxis: { ...axis(theme, "loss"), ...lossRange(data.map((trace) => trace.y)) },
    },
  }, theme);
}

/** A line for each teacher and token type; each teacher stands in the legend once. */
function lossLines(
  reports: readonly StepReport[],
  teachers: readonly string[],
  types: readonly ("cls" | "patch")[],
  colours: Map<string, string>,
) {
  const steps = reports.map((report) => report.step);
  return types.flatMap((type, panel) =>
    teachers.flatMap((teacher) => {
      const values = reports.map((report) => report.losses[teacher]?.[type] ?? NaN);
      if (!values.some(Number.isFinite)) return [];
      const firstPanel = types.findIndex((type) =>
        reports.at(-1)?.losses[teacher]?.[type] !== undefined
      );
      return [{
        ...teacherLine(teacher, smooth(steps, values), colours),
        xaxis: panel === 0 ? "x" : "x2",
        showlegend: panel === Math.max(0, firstPanel),
      }];
    })
  );
}

function panelTitle(text: string, panel: number, panels: number, theme: Theme) {
  return {
    text,
    showarrow: false,
    xref: "paper",
    yref: "paper",
    x: panels > 1 ? panel * 0.52 + 0.48 : 1,
    xanchor: "right",
    y: 1,
    yanchor: "top",
    font: { size: 13, color: theme.muted },
  };
}

/**
 * From zero to what is reached after the first tenth of the run, at least 1: a spike of the first
 * steps, when the statistics are not settled yet, must not flatten everything after it.
 */
function lossRange(
  lines: readonly (readonly number[])[],
): { readonly [attribute: string]: unknown } {
  const highest = Math.max(0, ...lines.flat());
  const settled = Math.max(1, ...lines.flatMap((y) => y.slice(Math.ceil(y.length / 10))));
  return highest > 1.2 * settled ? { range: [0, 1.2 * settled] } : { rangemode: "tozero" };
}
