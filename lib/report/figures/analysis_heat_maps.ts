/** Models or layers against each other: the heat maps of an analysis. */
import type { Analysis } from "../../evaluation/analysis/analysis.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { heatMap } from "./heat_map.ts";
import { lightTheme } from "./theme.ts";

/**
 * How alike layers see the images (debiased linear CKA): every layer against the outputs of the teachers,
 * or against all layers where there is no teacher.
 *
 * @example
 * ```ts
 * import { alignmentFigure } from "@hashigo/hashigo/report";
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
 * import { errorOverlapFigure } from "@hashigo/hashigo/report";
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
 * import { addedFeaturesFigure } from "@hashigo/hashigo/report";
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
