/** Accuracy of compressed students against what they cost, as a figure. */
import { type CompressionCurve, type CompressionPoint, frontsOf } from "../../compression/curve.ts";
import { axis, baseLayout, type Figure, lineSymbol } from "../figures/figure.ts";
import { lightTheme, type Theme } from "../figures/theme.ts";

/** What is on the horizontal axis. */
export type CurveCost = "milliseconds" | "bytes";

const titles: Readonly<Record<CurveCost, string>> = {
  milliseconds: "milliseconds for an image, one thread of a processor",
  bytes: "file, MB",
};

/**
 * A marker for each file, by its bits and whether it was distilled again; the Pareto front is a line through rings.
 *
 * @param options theme: colours, default light.
 */
export function curveFigure(
  { points }: Pick<CompressionCurve, "points">,
  cost: CurveCost,
  { theme = lightTheme }: { readonly theme?: Theme | undefined } = {},
): Figure {
  const x = (point: CompressionPoint) => cost === "bytes" ? point.bytes / 1e6 : point.milliseconds;
  const fronts = frontsOf(points);
  const front = points.filter((_, i) => fronts[i]![cost]).toSorted((a, b) => x(a) - x(b));
  const groups = Map.groupBy(points, kindOf);
  const series = [...groups].map(([name, own], i) => ({
    ...{ type: "scatter", mode: "markers+text", name },
    x: own.map(x),
    y: own.map(({ accuracy }) => accuracy),
    text: own.map(({ share }) => share === 0 ? "full" : `−${Math.round(100 * share)} %`),
    textposition: "bottom center",
    textfont: { size: 11, color: theme.muted },
    marker: { color: theme.teachers[i % theme.teachers.length], size: 9, symbol: lineSymbol(i) },
  }));
  const line = {
    ...{ type: "scatter", mode: "lines+markers", name: "Pareto front" },
    x: front.map(x),
    y: front.map(({ accuracy }) => accuracy),
    line: { color: theme.ink, width: 1.5, dash: "dot" },
    marker: {
      ...{ size: 17, symbol: "circle-open", color: theme.ink },
      line: { width: 1.5, color: theme.ink },
    },
  };
  return {
    data: [line, ...series],
    layout: {
      ...baseLayout(theme, [...groups.keys(), "Pareto front"]),
      height: 420,
      xaxis: axis(theme, titles[cost]),
      yaxis: { ...axis(theme, "k-NN accuracy, mean of tasks"), ticksuffix: " %" },
    },
  };
}

/** Bits, and whether it was distilled again. */
function kindOf({ bits, recovered }: CompressionPoint): string {
  const name = { 32: "float32", 16: "float16", 8: "int8" }[bits];
  return recovered ? `${name}, distilled again` : name;
}
