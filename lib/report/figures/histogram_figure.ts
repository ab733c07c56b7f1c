/** Two samples of numbers as histograms over one another. */
import { axis, baseLayout, type Figure, type FigureOptions } from "./figure.ts";
import { lightTheme } from "./theme.ts";

/** What {@linkcode histogramFigure} shows. */
export interface HistogramInput {
  /** The samples, drawn over one another; at most two. */
  readonly series: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
  /** What the numbers are. */
  readonly title: string;
}

/** Bars of a histogram. */
const bars = 24;

/** Shares of each sample in intervals of one width, the second as an outline over the first. */
export function histogramFigure(
  { series, title }: HistogramInput,
  { theme = lightTheme }: Pick<FigureOptions, "theme"> = {},
): Figure {
  const all = series.flatMap(({ values }) => Array.from(values));
  const low = Math.min(...all), width = (Math.max(...all) - low) / bars || 1;
  return {
    data: series.map(({ name, values }, place) => {
      const shares = new Array<number>(bars).fill(0);
      for (const value of Array.from(values)) {
        shares[Math.min(bars - 1, Math.floor((value - low) / width))]! += 100 / values.length;
      }
      const x = shares.map((_, i) => Number((low + (i + 0.5) * width).toPrecision(4)));
      const y = shares.map((share) => Number(share.toPrecision(4)));
      return place === 0 ? { type: "bar", name, x, y, marker: { color: theme.baselines[1] } } : {
        ...{ type: "scatter", mode: "lines", name, x, y },
        line: { color: theme.teachers[0], width: 2, shape: "hvh" },
      };
    }),
    layout: {
      ...baseLayout(theme, series.map(({ name }) => name)),
      height: 240,
      bargap: 0,
      xaxis: { ...axis(theme, title), showgrid: false },
      yaxis: { ...axis(theme, ""), rangemode: "tozero", ticksuffix: " %" },
    },
  };
}
