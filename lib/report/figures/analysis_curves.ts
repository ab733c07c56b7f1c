/** A line for each model: the curves of an analysis. */
import type { Analysis, AnalysisCurve } from "../../evaluation/analysis/analysis.ts";
import {
  axis,
  baseLayout,
  coloursOf,
  type Figure,
  type FigureOptions,
  lineDash,
  lineMode,
  lineSymbol,
  notedWhereEmpty,
  percentAxis,
} from "./figure.ts";
import { escapeLabel, label } from "./labels.ts";
import { lightTheme } from "./theme.ts";

/**
 * Accuracy with few principal components (paper figures 6 and A).
 *
 * @example
 * ```ts
 * import { componentsFigure } from "@hashigo/hashigo/report";
 * const { data } = componentsFigure([{ model: "a", x: [1, 2], accuracy: [50, 90] }]);
 * if (data.length !== 1) throw new Error("One line");
 * ```
 */
export function componentsFigure(
  curves: readonly AnalysisCurve[],
  options: FigureOptions = {},
): Figure {
  const places = curves.reduce<readonly number[]>(
    (longest, { x }) => x.length > longest.length ? x : longest,
    [],
  );
  const ticks = { type: "log", tickvals: places, ticktext: places.map(String) };
  const { theme = lightTheme } = options;
  const xAxis = { ...axis(theme, "principal components kept"), ...ticks };
  return accuracyFigure(curves, options, xAxis, "components");
}

/**
 * Accuracy without the smallest weights of every layer (paper figures 6 and A).
 *
 * @example
 * ```ts
 * import { pruningFigure } from "@hashigo/hashigo/report";
 * const { data } = pruningFigure([{ model: "a", x: [0, 90], accuracy: [90, 10] }]);
 * if (data.length !== 1) throw new Error("One line");
 * ```
 */
export function pruningFigure(
  curves: readonly AnalysisCurve[],
  options: FigureOptions = {},
): Figure {
  const { theme = lightTheme } = options;
  const xAxis = { ...axis(theme, "weights left out"), ticksuffix: " %" };
  return accuracyFigure(curves, options, xAxis, "% left out");
}

/** k-NN accuracy of every model over `xAxis`, whose numbers are counted in `unit`. */
function accuracyFigure(
  curves: readonly AnalysisCurve[],
  options: FigureOptions,
  xAxis: Figure["layout"],
  unit: string,
): Figure {
  const { theme = lightTheme } = options;
  const colours = coloursOf(curves.map(({ model }) => model), options);
  return notedWhereEmpty({
    data: curves.map(({ model, x, accuracy }, i) => ({
      ...modelLine(model, i, colours),
      x,
      y: accuracy,
      hovertemplate: `${escapeLabel(model)}, %{x} ${unit}: %{y:.1f} %<extra></extra>`,
    })),
    layout: {
      ...baseLayout(theme, curves.map(({ model }) => model)),
      xaxis: { ...xAxis, showgrid: false },
      yaxis: percentAxis(theme, "k-NN accuracy"),
    },
  }, theme);
}

/**
 * Share of the features' variance that the first axes hold; names carry the effective rank.
 *
 * @example
 * ```ts
 * import { spectrumFigure } from "@hashigo/hashigo/report";
 * const spectrum = { model: "a", width: 2, effectiveRank: 1.5, shares: [0.9, 1] };
 * const { data } = spectrumFigure([spectrum]);
 * if (data[0]?.name !== "a (1.5 of 2)") throw new Error("Rank and width");
 * ```
 */
export function spectrumFigure(
  spectra: Analysis["spectra"],
  options: FigureOptions = {},
): Figure {
  const { theme = lightTheme } = options;
  const colours = coloursOf(spectra.map(({ model }) => model), options);
  return notedWhereEmpty({
    data: spectra.map(({ model, width, effectiveRank, shares }, i) => ({
      ...modelLine(model, i, colours),
      name: `${label(model)} (${effectiveRank.toFixed(1)} of ${width})`,
      mode: lineMode(shares),
      x: shares.map((_, axis) => axis + 1),
      y: shares.map((share) => Number((100 * share).toPrecision(5))),
      hovertemplate: `${escapeLabel(model)}, first %{x}: %{y:.1f} %<extra></extra>`,
    })),
    layout: {
      ...baseLayout(theme, spectra.map(({ model }) => `${label(model)} (99.9 of 999)`)),
      xaxis: { ...axis(theme, "principal axes"), type: "log", dtick: 1, showgrid: false },
      yaxis: { ...axis(theme, "variance held"), range: [0, 102], ticksuffix: " %" },
    },
  }, theme);
}

/** Colour, dash and marker each tell models apart. */
function modelLine(model: string, place: number, colours: Map<string, string>) {
  return {
    type: "scatter",
    mode: "lines+markers",
    name: label(model),
    line: { color: colours.get(model), width: 2, dash: lineDash(place) },
    marker: { size: 7, symbol: lineSymbol(place) },
  };
}
