/** Numbers of named things as bars. */
import {
  axis,
  barPattern,
  baseLayout,
  coloursOf,
  type Figure,
  type FigureOptions,
  nameAxis,
  notedWhereEmpty,
  repeatsOf,
} from "./figure.ts";
import { label, labelsOf, namesBelow } from "./labels.ts";
import { lightTheme } from "./theme.ts";

/** What {@linkcode barChart} shows. */
export interface BarChartInput {
  /** Names below the bars, from the left. */
  readonly names: readonly string[];
  /** One bar for each name; `deviations` are drawn as lines across the ends. */
  readonly series: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
    readonly deviations?: readonly number[] | undefined;
  }[];
  /** What the numbers are, with their unit. */
  readonly title: string;
}

/**
 * One or several series of bars over the same names, from zero on.
 *
 * @example
 * ```ts
 * import { barChart } from "@hashigo/hashigo/report";
 * const series = [{ name: "speed", values: [1, 2] }];
 * const { data } = barChart({ names: ["eager", "graph"], series, title: "times as fast as eager" });
 * if (data.length !== 1) throw new Error("One series");
 * ```
 */
export function barChart(
  { names, series, title }: BarChartInput,
  options: Pick<FigureOptions, "theme"> = {},
): Figure {
  const { theme = lightTheme } = options;
  const colours = coloursOf(series.map(({ name }) => name), options);
  const repeats = repeatsOf(colours);
  const { tickangle, below } = namesBelow(names);
  return notedWhereEmpty({
    data: series.map(({ name, values, deviations }) => ({
      type: "bar",
      name: label(name),
      x: labelsOf(names),
      y: values.map((value) => Number.isFinite(value) ? value : null),
      ...deviations && {
        error_y: { type: "data", array: deviations, color: theme.muted, thickness: 1, width: 3 },
      },
      marker: {
        color: colours.get(name),
        pattern: { shape: barPattern(repeats.get(name) ?? 0), solidity: 0.4 },
      },
      showlegend: series.length > 1,
    })),
    layout: {
      ...baseLayout(theme, series.length > 1 ? series.map(({ name }) => name) : [], below),
      barmode: "group",
      bargap: 0.3,
      xaxis: { ...nameAxis(theme, tickangle), showgrid: false },
      yaxis: { ...axis(theme, title), rangemode: "tozero" },
    },
  }, theme);
}
