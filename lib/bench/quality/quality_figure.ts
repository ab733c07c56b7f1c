/** The comparison at equal minutes as a picture. */
import type { QualitySet } from "../../../recipes/quality.ts";
import { type ExperimentOutcome, valuesOf } from "../../experiments/outcome.ts";
import { spreadOf } from "../../metrics/comparison/increment.ts";
import {
  axis,
  baseLayout,
  coloursOf,
  type Figure,
  type FigureOptions,
  lineSymbol,
  nameAxis,
  notedWhereEmpty,
} from "../../report/figures/figure.ts";
import { lightTheme } from "../../report/figures/theme.ts";
import { optionsOf, type QualityPlan, rowName, scored } from "./quality_experiment.ts";

/** Points from the base beyond which an option is not drawn: differences of the others could not be seen. */
const far = 10;

/**
 * A line of dots for each option, one dot for each number of minutes: accuracy as features are (mean of both metrics),
 * with the standard deviation over seeds. The base has dotted lines over all of them; what is far from it is named
 * below.
 */
export function qualityFigure(
  set: QualitySet,
  outcome: ExperimentOutcome,
  plan: QualityPlan,
  options: FigureOptions = {},
): Figure {
  const { theme = lightTheme } = options;
  const measures = scored(set), series = plan.minutes.map((minutes) => `${minutes} min`);
  const colours = coloursOf(series, options);
  const all = plan.minutes.map((minutes, i) => {
    const name = series[i]!;
    const points = optionsOf(set, plan).flatMap(({ name }) => {
      const values = [...valuesOf(outcome, rowName(name, minutes), measures).values()];
      return values.length === 0 ? [] : [{ name, ...spreadOf(values) }];
    });
    const base = points.find(({ name }) => name === set.baseName)?.mean;
    return { name, points, base, color: colours.get(name), symbol: lineSymbol(i) };
  });
  const lines = all.map(({ points, base, ...line }) => ({
    ...line,
    base,
    points: points.filter(({ mean }) => base === undefined || Math.abs(mean - base) <= far),
  }));
  const namesOf = (lines: readonly { readonly points: readonly { readonly name: string }[] }[]) =>
    optionsOf(set, plan).map(({ name }) => name)
      .filter((name) => lines.some(({ points }) => points.some((point) => point.name === name)));
  const names = namesOf(lines);
  const left = namesOf(all).filter((name) => !names.includes(name));
  const title = "accuracy in %, mean of k-NN and logistic regression" +
    (left.length === 0 ? "" : `; far off: ${left.join(", ")}`);
  const figure = {
    data: lines.map(({ name, points, color, symbol }) => ({
      type: "scatter",
      mode: "markers",
      name,
      x: points.map(({ mean }) => mean),
      y: points.map(({ name }) => name),
      error_x: { array: points.map(({ deviation }) => deviation || 0), width: 3, color },
      marker: { color, size: 9, symbol },
      showlegend: true,
    })),
    layout: {
      ...baseLayout(theme, series),
      height: Math.max(340, 130 + 26 * names.length),
      xaxis: axis(theme, title),
      yaxis: {
        ...nameAxis(theme, 0),
        categoryorder: "array",
        categoryarray: names,
        autorange: "reversed",
      },
      shapes: lines.flatMap(({ base, color }) =>
        base === undefined ? [] : [{
          type: "line",
          ...{ xref: "x", x0: base, x1: base, yref: "paper", y0: 0, y1: 1 },
          line: { color, width: 1, dash: "dot" },
        }]
      ),
    },
  };
  return names.length === 0 ? notedWhereEmpty(figure, theme) : figure;
}
