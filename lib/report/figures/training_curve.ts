/** The numbers of a training run besides its losses: one small figure for each. */
import type { StepReport } from "../../runs/step_report.ts";
import {
  axis,
  baseLayout,
  type Figure,
  type FigureOptions,
  lineMode,
  notedWhereEmpty,
} from "./figure.ts";
import { smooth } from "./series.ts";
import { stepAxis } from "./teacher_lines.ts";
import { lightTheme } from "./theme.ts";

/** A number that every update reports, and how it is shown. */
interface Curve {
  readonly title: string;
  readonly value: (report: StepReport) => number;
  /** Share of the run in one mean, see {@linkcode smooth}. */
  readonly window: number;
  readonly format: string;
  readonly axis?: { readonly [attribute: string]: unknown };
}

/** A number of a run that {@linkcode trainingCurve} shows. */
export type CurveName =
  | "learningRate"
  | "gradientNorm"
  | "imagesPerSecond"
  | "waitingShare"
  | "standardizerWeight";

const curves: Readonly<Record<CurveName, Curve>> = {
  learningRate: {
    title: "Learning rate",
    value: (report) => report.learningRate,
    window: 0,
    format: ".2e",
    axis: { exponentformat: "power" },
  },
  standardizerWeight: {
    title: "Weight of a batch in the statistics",
    value: (report) => report.standardizerWeight,
    window: 0,
    format: ".2~g",
  },
  gradientNorm: {
    title: "Norm of the gradient",
    value: (report) => report.gradientNorm,
    window: 0.02,
    format: ".3~g",
  },
  imagesPerSecond: {
    title: "Images per second",
    value: (report) => report.imagesPerSecond,
    window: 0.02,
    format: ".3~s",
  },
  waitingShare: {
    title: "Time spent waiting for images",
    value: (report) => 100 * report.waitingShare,
    window: 0.02,
    format: ".1f",
    axis: { ticksuffix: " %" },
  },
};

/** All curves with their titles, in the order of a report. */
export const curveTitles: readonly (readonly [CurveName, string])[] = ([
  "learningRate",
  "standardizerWeight",
  "gradientNorm",
  "imagesPerSecond",
  "waitingShare",
] as const).map((name) => [name, curves[name].title]);

/**
 * One number over the run, smoothed where it twitches from update to update.
 *
 * @example
 * ```ts
 * import { trainingCurve } from "@hashigo/hashigo/report";
 * if (trainingCurve("gradientNorm", []).data.length !== 1) throw new Error("One line");
 * ```
 */
export function trainingCurve(
  name: CurveName,
  reports: readonly StepReport[],
  options: FigureOptions = {},
): Figure {
  const { theme = lightTheme } = options;
  const curve = curves[name];
  const steps = reports.map((report) => report.step);
  const points = smooth(steps, reports.map(curve.value), { window: curve.window });
  return notedWhereEmpty({
    data: [{
      type: "scatter",
      mode: lineMode(points.x),
      ...points,
      line: { color: theme.ink, width: 2 },
      hovertemplate: `step %{x}: %{y:${curve.format}}<extra></extra>`,
      showlegend: false,
    }],
    layout: {
      ...baseLayout(theme),
      height: 190,
      margin: { l: 52, r: 12, t: 10, b: 40 },
      xaxis: { ...stepAxis(theme), nticks: 5 },
      yaxis: { ...axis(theme, ""), rangemode: "tozero", nticks: 5, ...curve.axis },
    },
  }, theme);
}
