/** Compressed students in rows. */
import { type CompressionCurve, frontsOf } from "../../compression/curve.ts";
import { significant } from "../format.ts";
import { textTable } from "../tables/text_table.ts";

/** Titles of the columns. */
export const curveHeader: readonly string[] = [
  "file",
  "bits",
  "GFLOP/image",
  "ms",
  "MB",
  "difference",
  "k-NN mean, %",
  "Pareto front",
];

/** Cells of every row, in the order of the points. */
export function curveCells({ points }: Pick<CompressionCurve, "points">): string[][] {
  const fronts = frontsOf(points);
  return points.map((point, i) => [
    point.name,
    `${point.bits}`,
    significant(point.gflop),
    significant(point.milliseconds),
    significant(point.bytes / 1e6),
    point.difference.toExponential(1),
    point.accuracy.toFixed(1),
    [fronts[i]!.milliseconds ? "ms" : "", fronts[i]!.bytes ? "MB" : ""]
      .filter((cost) => cost !== "").join(", "),
  ]);
}

/** How the figures were come by, in a sentence each. */
export function curveNotes({ machine, limit, recover, refused = [] }: CompressionCurve): string[] {
  return [
    `ms: one image on one thread of ONNX Runtime on ${machine}, a tenth of the calls; 16 bits are meant for ` +
    "browsers' GPUs, a processor widens them.",
    "difference to the network on images of the run: the largest of a number over the largest; of 8 bits one less the mean cosine of features around their mean.",
    ...limit === undefined ? [] : [`Of each part of a task at most ${limit} images.`],
    ...recover === undefined ? [] : [`recovered: distilled again for ${recover} minutes.`],
    ...refused.map((line) => `left out ${line}`),
  ];
}

/** The table for a terminal. */
export function curveText(curve: CompressionCurve): string {
  return [textTable(curveHeader, curveCells(curve), [0, 7]), ...curveNotes(curve)].join("\n");
}
