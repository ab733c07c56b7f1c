/** Figures of an experiment, and where their pictures are kept. */
import type { Experiment, ExperimentFigure, ExperimentLine } from "../../experiments/experiment.ts";
import { type ExperimentOutcome, valuesOf } from "../../experiments/outcome.ts";
import { spreadOf } from "../../metrics/comparison/increment.ts";
import {
  axis,
  baseLayout,
  coloursOf,
  type Figure,
  type FigureOptions,
  lineDash,
  lineSymbol,
  notedWhereEmpty,
} from "../figures/figure.ts";
import { label } from "../figures/labels.ts";
import { lightTheme } from "../figures/theme.ts";

/**
 * A line for each of a figure's rows: means over seeds, with their standard deviations as bars.
 *
 * @example
 * ```ts
 * import { defineExperiment } from "@hashigo/hashigo/experiments";
 * import { experimentFigure } from "@hashigo/hashigo/report";
 * const experiment = defineExperiment({
 *   name: "models", title: "Models", paper: "none", description: "", seeds: [0], tasks: ["digits"],
 *   rows: [{ name: "pixels", model: "pixels" }],
 *   columns: [{ title: "digits", measures: ["knn digits"] }], claims: [],
 *   figures: [{
 *     title: "Few components", xTitle: "components", yTitle: "% of its accuracy", x: [1, 2],
 *     lines: [{ title: "pixels", row: "pixels", measure: (x) => `components ${x} digits` }],
 *   }],
 * });
 * const [figure] = experiment.figures ?? [];
 * const { data } = experimentFigure({ experiment, results: [] }, figure!);
 * if (data.length !== 1) throw new Error("One line");
 * ```
 */
export function experimentFigure(
  outcome: ExperimentOutcome,
  { xTitle, yTitle, x, lines, zero = true }: ExperimentFigure,
  options: FigureOptions = {},
): Figure {
  const { theme = lightTheme } = options;
  const colours = coloursOf(lines.map((line) => line.title), options);
  const data = lines.map((line, i) => {
    const points = x.flatMap((at) => {
      const values = [...valuesOf(outcome, rowAt(line, at), measuresAt(line, at)).values()];
      return values.length === 0 ? [] : [{ at, ...spreadOf(values) }];
    });
    const color = colours.get(line.title);
    return {
      type: "scatter",
      mode: "lines+markers",
      name: label(line.title),
      x: points.map(({ at }) => at),
      y: points.map(({ mean }) => mean),
      error_y: { array: points.map(({ deviation }) => deviation || 0), width: 3, color },
      line: { color, width: 2, dash: lineDash(i) },
      marker: { color, size: 7, symbol: lineSymbol(i) },
    };
  });
  return notedWhereEmpty({
    data,
    layout: {
      ...baseLayout(theme, lines.map(({ title }) => title)),
      xaxis: { ...axis(theme, xTitle), range: ends(x) },
      yaxis: { ...axis(theme, yTitle), rangemode: zero ? "tozero" : "normal" },
    },
  }, theme);
}

/** Name of the row of a line at a place of the horizontal axis. */
function rowAt({ row }: ExperimentLine, x: number): string {
  return typeof row === "string" ? row : row(x);
}

/** Names of the measures there, whose mean is shown. */
function measuresAt({ measure }: ExperimentLine, x: number): readonly string[] {
  const measures = measure(x);
  return typeof measures === "string" ? [measures] : measures;
}

/** Range of an axis a little wider than `x`, so that markers are whole. */
function ends(x: readonly number[]): [number, number] {
  const [first, last] = [Math.min(...x), Math.max(...x)];
  const more = 0.03 * (last - first) || 1;
  return [first - more, last + more];
}

/** Path of the picture of an experiment's figure (counted from 0), relative to docs/experiments.md. */
export function picturePath({ name }: Pick<Experiment, "name">, figure: number): string {
  return `experiments/${name}_${figure + 1}.png`;
}
