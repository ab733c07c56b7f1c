/** How a run went, besides its losses: one small figure for each number. */
import type { StepReport } from "../../runs/step_report.ts";
import { axis, baseLayout, type Figure, type FigureOptions } from "./figure.ts";
import { smooth } from "./series.ts";
import { lightTheme } from "./theme.ts";

/** A number that every update reports, and how it is shown. */
interface Curve {
  readonly title: string;
  readonly of: (report: StepReport) => number;
  /** Share of the run in one mean, see {@linkcode smooth}. */
  readonly window: number;
  readonly format: string;
  readonly axis?: { readonly [attribute: string]: unknown };
}

/** What of a run is shown by {@linkcode trainingCurve}. */
export type CurveName =
  | "learningRate"
  | "gradientNorm"
  | "imagesPerSecond"
  | "waitingShare"
  | "standardizerWeight";

const curves: Readonly<Record<CurveName, Curve>> = {
  learningRate: {
    title: "Learning rate",
    of: (report) => report.learningRate,
    window: 0,
    format: ".2e",
    axis: { exponentformat: "power" },
  },
  standardizerWeight: {
    title: "Weight of a batch in the statistics",
    of: (report) => report.standardizerWeight,
    window: 0,
    format: ".2~g",
  },
  gradientNorm: {
    title: "Norm of the gradient",
    of: (report) => report.gradientNorm,
    window: 0.02,
    format: ".3~g",
  },
  imagesPerSecond: {
    title: "Images per second",
    of: (report) => report.imagesPerSecond,
    window: 0.02,
    format: ".3~s",
  },
  waitingShare: {
    title: "Time spent waiting for images",
    of: (report) => 100 * report.waitingShare,
    window: 0.02,
    format: ".1f",
    axis: { ticksuffix: " %" },
  },
};

/** All of them, with their titles, in the order of a report. */
export const courseTitles: readonly (readonly [CurveName, string])[] = [
  ...[
    "learningRate",
    "standardizerWeight",
    "gradientNorm",
    "imagesPerSecond",
    "waitingShare",
  ] as const,
].map((name) => [name, curves[name].title]);

/**
 * One number over the run, smoothed where it twitches from update to update.
 *
 * @example
 * ```ts
 * import { trainingCurve } from "@hashigo/hashigo";
 * if (trainingCurve("gradientNorm", []).data.length !== 1) throw new Error("One line");
 * ```
 */
export function trainingCurve(
  name: CurveName,
  reports: readonly StepReport[],
  options: FigureOptions = {},
): Figure {
  const { theme = lightTheme } = options;
  const course = curves[name];
  const steps = reports.map((report) => report.step);
  const points = smooth(steps, reports.map(course.of), { window: course.window });
  return {
    data: [{
      type: "scatter",
      mode: "lines",
      ...points,
      line: { color: theme.ink, width: 2 },
      hovertemplate: `step %{x}: %{y:${course.format}}<extra></extra>`,
      showlegend: false,
    }],
    layout: {
      ...baseLayout(theme),
      height: 190,
      margin: { l: 52, r: 12, t: 10, b: 40 },
      xaxis: { ...axis(theme, "step"), rangemode: "tozero", showgrid: false, nticks: 5 },
      yaxis: { ...axis(theme, ""), rangemode: "tozero", nticks: 5, ...course.axis },
    },
  };
}
