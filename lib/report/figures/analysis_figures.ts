/** All figures of an analysis, in the order in which they are read. */
import type { Analysis } from "../../evaluation/analysis/analysis.ts";
import { componentsFigure, pruningFigure, spectrumFigure } from "./analysis_curves.ts";
import { addedFeaturesFigure, alignmentFigure, errorOverlapFigure } from "./analysis_heat_maps.ts";
import type { Figure, FigureOptions } from "./figure.ts";

/** A figure and what it shows, in words. */
export interface TitledFigure {
  /** Above the figure. */
  readonly title: string;
  /** What can be read from it. */
  readonly note: string;
  /** For plotly. */
  readonly figure: Figure;
}

/**
 * All figures of an analysis, in the order in which they are read; those without data are left out.
 * Heat maps need plotly's cartesian bundle.
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
  const withModels = { ...options, models };
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
      figure: componentsFigure(components, withModels),
    },
    {
      title: "Few weights",
      note: "k-NN accuracy without the smallest weights of every layer.",
      figure: pruningFigure(pruning, withModels),
    },
    {
      title: "Directions of the features",
      note:
        "Variance that the first principal axes hold; in brackets the effective rank and width.",
      figure: spectrumFigure(spectra, withModels),
    },
  ].filter(({ figure }) => figure.data.length > 0);
}
