/**
 * Figures of an analysis as plotly values. Heat maps need plotly's cartesian bundle.
 *
 * @module
 */
import type { Analysis, AnalysisCurve } from "../../evaluation/analysis/analysis.ts";
import {
  axis,
  baseLayout,
  coloursOf,
  escapeLabel,
  type Figure,
  type FigureOptions,
} from "./figure.ts";
import { heatMap } from "./heat_map.ts";
import { lightTheme } from "./theme.ts";

/** A figure and what it shows, in words. */
export interface TitledFigure {
  /** Above the figure. */
  readonly title: string;
  /** What may be read from it. */
  readonly note: string;
  /** For plotly. */
  readonly figure: Figure;
}

/**
 * All figures of an analysis, in the order in which they are read; those without data are left out.
 *
 * @example
 * ```ts ignore
 * for (const { title } of analysisFigures(await analyseRun("runs/demo"))) console.log(title);
 * ```
 */
export function analysisFigures(
  analysis: Analysis,
  options: Pick<FigureOptions, "theme"> = {},
): TitledFigure[] {
  const { components, pruning, spectra, models } = analysis;
  const own = { ...options, models };
  return [
    {
      title: "Alignment of layers (CKA)",
      note: "1: two layers see the same images alike and unlike; 0: they have nothing in common.",
      figure: alignmentFigure(analysis, options),
    },
    {
      title: "Errors in common",
      note: "Of the images that one of two models gets wrong, the part that both do.",
      figure: errorOverlapFigure(analysis, options),
    },
    {
      title: "What features add",
      note: "Points of k-NN accuracy that the features of a column add to those of a row.",
      figure: addedFeaturesFigure(analysis, options),
    },
    {
      title: "Few principal components",
      note: "k-NN accuracy of features of which only the first components are kept.",
      figure: componentsFigure(components, own),
    },
    {
      title: "Few weights",
      note: "k-NN accuracy without the smallest weights of every layer.",
      figure: pruningFigure(pruning, own),
    },
    {
      title: "Directions of the features",
      note:
        "Variance that the first principal axes hold; in brackets the effective rank and width.",
      figure: spectrumFigure(spectra, own),
    },
  ].filter(({ figure }) => figure.data.length > 0);
}

/**
 * How alike layers see the images (debiased linear CKA): every layer against the outputs of the teachers,
 * or against all layers where there is no teacher.
 *
 * @example
 * ```ts
 * import { alignmentFigure } from "@hashigo/hashigo";
 * const layers = [{ model: "a", layer: "features" }, { model: "b", layer: "features" }];
 * const models = [["a", "student"], ["b", "teacher"]] as const;
 * const { data } = alignmentFigure({ models, alignment: { layers, values: [[1, 0.5], [0.5, 1]] } });
 * if (JSON.stringify(data[0]?.z) !== "[[0.5],[1]]") throw new Error("One teacher, one column");
 * ```
 */
export function alignmentFigure(
  { models, alignment: { layers, values } }: Pick<Analysis, "models" | "alignment">,
  options: Pick<FigureOptions, "theme"> = {},
): Figure {
  const roles = new Map(models);
  const teachers = layers.flatMap(({ model }, i) => roles.get(model) === "teacher" ? [i] : []);
  const columns = teachers.length > 0 ? teachers : layers.map((_, i) => i);
  const names = layers.map(({ model, layer }) =>
    layer === "features" ? model : `${model} ${layer}`
  );
  return heatMap({
    rows: names,
    columns: columns.map((i) => names[i] ?? ""),
    values: values.map((row) => columns.map((i) => row[i] ?? null)),
    scale: "from zero",
    highest: 1,
    digits: 2,
    title: "CKA",
  }, options.theme ?? lightTheme);
}

/**
 * Of the images that at least one of two models gets wrong, the percentage that both do.
 *
 * @example
 * ```ts
 * import { errorOverlapFigure } from "@hashigo/hashigo";
 * const models = [["a", "teacher"], ["b", "teacher"]] as const;
 * const { data } = errorOverlapFigure({ models, errors: { errorOverlap: [[100, 20], [20, 100]] } });
 * if (data[0]?.type !== "heatmap") throw new Error("A heat map");
 * ```
 */
export function errorOverlapFigure(
  { models, errors }: {
    readonly models: Analysis["models"];
    readonly errors: Pick<Analysis["errors"], "errorOverlap">;
  },
  options: Pick<FigureOptions, "theme"> = {},
): Figure {
  const names = models.map(([name]) => name);
  return heatMap({
    rows: names,
    columns: names,
    values: errors.errorOverlap,
    scale: "from zero",
    highest: 100,
    digits: 0,
    title: "% of errors in common",
  }, options.theme ?? lightTheme);
}

/**
 * Points of k-NN accuracy that the features of one model (column) add to another's (row).
 *
 * @example
 * ```ts
 * import { addedFeaturesFigure } from "@hashigo/hashigo";
 * const models = [["a", "teacher"], ["b", "teacher"]] as const;
 * const { data } = addedFeaturesFigure({ models, joint: { gain: [[0, 2], [-1, 0]] } });
 * if (data[0]?.zmid !== 0) throw new Error("Nothing added is in the middle of the colours");
 * ```
 */
export function addedFeaturesFigure(
  { models, joint }: {
    readonly models: Analysis["models"];
    readonly joint: Pick<Analysis["joint"], "gain">;
  },
  options: Pick<FigureOptions, "theme"> = {},
): Figure {
  const names = models.map(([name]) => name);
  return heatMap({
    rows: names,
    columns: names.map((name) => `+ ${name}`),
    values: joint.gain,
    scale: "around zero",
    digits: 1,
    title: "points",
  }, options.theme ?? lightTheme);
}

/**
 * Accuracy with few principal components (paper figures 6 and A).
 *
 * @example
 * ```ts
 * import { componentsFigure } from "@hashigo/hashigo";
 * const { data } = componentsFigure([{ model: "a", x: [1, 2], accuracy: [50, 90] }]);
 * if (data.length !== 1) throw new Error("One line");
 * ```
 */
export function componentsFigure(
  curves: readonly AnalysisCurve[],
  options: FigureOptions = {},
): Figure {
  const theme = options.theme ?? lightTheme;
  return {
    data: curves.map((curve, i) => ({
      ...line(curve.model, i, coloursFor(curves, options)),
      x: curve.x,
      y: curve.accuracy,
      hovertemplate: `${escapeLabel(curve.model)}, %{x} components: %{y:.1f} %<extra></extra>`,
    })),
    layout: {
      ...baseLayout(theme),
      xaxis: { ...axis(theme, "principal components kept"), ...logarithmic(curves) },
      yaxis: { ...axis(theme, "k-NN accuracy"), rangemode: "tozero", ticksuffix: " %" },
    },
  };
}

/**
 * Accuracy without the smallest weights of every layer (paper figures 6 and A).
 *
 * @example
 * ```ts
 * import { pruningFigure } from "@hashigo/hashigo";
 * const { data } = pruningFigure([{ model: "a", x: [0, 90], accuracy: [90, 10] }]);
 * if (data.length !== 1) throw new Error("One line");
 * ```
 */
export function pruningFigure(
  curves: readonly AnalysisCurve[],
  options: FigureOptions = {},
): Figure {
  const theme = options.theme ?? lightTheme;
  return {
    data: curves.map((curve, i) => ({
      ...line(curve.model, i, coloursFor(curves, options)),
      x: curve.x,
      y: curve.accuracy,
      hovertemplate: `${escapeLabel(curve.model)}, %{x} % left out: %{y:.1f} %<extra></extra>`,
    })),
    layout: {
      ...baseLayout(theme),
      xaxis: { ...axis(theme, "weights left out"), ticksuffix: " %", showgrid: false },
      yaxis: { ...axis(theme, "k-NN accuracy"), rangemode: "tozero", ticksuffix: " %" },
    },
  };
}

/**
 * Share of the features' variance that the first axes hold; names carry the effective rank.
 *
 * @example
 * ```ts
 * import { spectrumFigure } from "@hashigo/hashigo";
 * const spectrum = { model: "a", width: 2, effectiveRank: 1.5, shares: [0.9, 1] };
 * const { data } = spectrumFigure([spectrum]);
 * if (data[0]?.name !== "a (1.5 of 2)") throw new Error("Rank and width");
 * ```
 */
export function spectrumFigure(
  spectra: Analysis["spectra"],
  options: FigureOptions = {},
): Figure {
  const theme = options.theme ?? lightTheme;
  const colours = coloursFor(spectra, options);
  return {
    data: spectra.map(({ model, width, effectiveRank, shares }, i) => ({
      ...line(model, i, colours),
      name: `${escapeLabel(model)} (${effectiveRank.toFixed(1)} of ${width})`,
      mode: "lines",
      x: shares.map((_, axis) => axis + 1),
      y: shares.map((share) => Number((100 * share).toPrecision(5))),
      hovertemplate: `${escapeLabel(model)}, first %{x}: %{y:.1f} %<extra></extra>`,
    })),
    layout: {
      ...baseLayout(theme),
      xaxis: { ...axis(theme, "principal axes"), type: "log", dtick: 1, showgrid: false },
      yaxis: { ...axis(theme, "variance held"), range: [0, 102], ticksuffix: " %" },
    },
  };
}

function coloursFor(
  models: readonly { readonly model: string }[],
  options: FigureOptions,
): Map<string, string> {
  return coloursOf(models.map(({ model }) => model), options);
}

/** Colour, dash and marker each tell models apart. */
function line(model: string, place: number, colours: Map<string, string>) {
  const pick = (list: readonly string[]) => list[place % list.length];
  return {
    type: "scatter",
    mode: "lines+markers",
    name: escapeLabel(model),
    line: { color: colours.get(model), width: 2, dash: pick(["solid", "dash", "dot", "dashdot"]) },
    marker: { size: 7, symbol: pick(["circle", "square", "diamond", "triangle-up", "x"]) },
  };
}

function logarithmic(curves: readonly AnalysisCurve[]) {
  const longest = curves.reduce<readonly number[]>(
    (best, { x }) => x.length > best.length ? x : best,
    [],
  );
  return { type: "log", tickvals: longest, ticktext: longest.map(String), showgrid: false };
}
