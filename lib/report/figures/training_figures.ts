/**
 * Figures of a training run as plotly values: `{ data, layout }`, for a report, a notebook or a
 * file. A function takes what was measured and a theme, and touches nothing else.
 *
 * @module
 */
import type { StepReport } from "../../runs/step_report.ts";
import {
  axis,
  baseLayout,
  coloursOf,
  escapeLabel,
  type Figure,
  type FigureOptions,
} from "./figure.ts";
import { type Series, smooth } from "./series.ts";
import { lightTheme, type Theme } from "./theme.ts";

/**
 * Losses of every teacher over the run, CLS and patch tokens side by side on one scale.
 *
 * @example
 * ```ts
 * import { lossFigure } from "@hashigo/hashigo";
 * if (lossFigure([]).data.length !== 0) throw new Error("Nothing was measured");
 * ```
 */
export function lossFigure(reports: readonly StepReport[], options: FigureOptions = {}): Figure {
  const { theme = lightTheme } = options;
  const colours = coloursOf(teachersOf(reports), options);
  // The first batch of targets is not standardised yet, so its loss is on another scale.
  const shown = reports.filter((report) => report.step > 1);
  const steps = shown.map((report) => report.step);
  const types = (["cls", "patch"] as const).filter((type) =>
    shown.some((report) => Object.values(report.losses).some((losses) => type in losses))
  );
  const data = types.flatMap((type, panel) =>
    teachersOf(shown).flatMap((teacher) => {
      const values = shown.map((report) => report.losses[teacher]?.[type] ?? NaN);
      if (!values.some(Number.isFinite)) return [];
      const first = types.findIndex((other) =>
        shown.at(-1)?.losses[teacher]?.[other] !== undefined
      );
      return [{
        ...line(teacher, smooth(steps, values), colours),
        xaxis: panel === 0 ? "x" : "x2",
        showlegend: panel === Math.max(0, first),
      }];
    })
  );
  const titles = { cls: "CLS token", patch: "Patch tokens" };
  const panels = types.map((type, panel) => panelTitle(titles[type], panel, types.length, theme));
  return {
    data,
    layout: {
      ...baseLayout(theme),
      annotations: panels,
      xaxis: { ...stepAxis(theme), domain: types.length > 1 ? [0, 0.485] : [0, 1] },
      ...(types.length > 1
        ? { xaxis2: { ...stepAxis(theme), domain: [0.515, 1], matches: "x" } }
        : {}),
      yaxis: { ...axis(theme, "loss"), ...lossRange(data.map((trace) => trace.y)) },
    },
  };
}

/**
 * Share of the loss that each teacher kept after dropping (paper figure 4); the dotted line is an
 * equal share.
 *
 * @example
 * ```ts
 * import { shareFigure } from "@hashigo/hashigo";
 * if (shareFigure([]).data.length !== 0) throw new Error("Nothing was measured");
 * ```
 */
export function shareFigure(reports: readonly StepReport[], options: FigureOptions = {}): Figure {
  const { theme = lightTheme } = options;
  const colours = coloursOf(teachersOf(reports), options);
  const steps = reports.map((report) => report.step);
  const teachers = teachersOf(reports);
  const data = teachers.map((teacher) => {
    const values = reports.map((report) => 100 * (report.shares[teacher] ?? NaN));
    return { ...line(teacher, smooth(steps, values, { window: 0.04 }), colours), showlegend: true };
  });
  const equal = 100 / Math.max(1, teachers.length);
  return {
    data,
    layout: {
      ...baseLayout(theme),
      xaxis: stepAxis(theme),
      yaxis: { ...axis(theme, "kept share"), rangemode: "tozero", ticksuffix: " %" },
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
  };
}

function teachersOf(reports: readonly StepReport[]): string[] {
  return Object.keys(reports.at(-1)?.losses ?? {});
}

function line(name: string, points: Series, colours: Map<string, string>) {
  return {
    type: "scatter",
    mode: "lines",
    name: escapeLabel(name),
    legendgroup: escapeLabel(name),
    ...points,
    line: { color: colours.get(name), width: 2 },
    hovertemplate: `${escapeLabel(name)}, step %{x}: %{y:.3f}<extra></extra>`,
  };
}

function panelTitle(text: string, panel: number, panels: number, theme: Theme) {
  return {
    text,
    showarrow: false,
    xref: "paper",
    yref: "paper",
    x: panels > 1 ? panel * 0.515 + 0.485 : 1,
    xanchor: "right",
    y: 1,
    yanchor: "top",
    font: { size: 13, color: theme.muted },
  };
}

function stepAxis(theme: Theme) {
  return { ...axis(theme, "step"), rangemode: "tozero", showgrid: false };
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
