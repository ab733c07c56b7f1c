/** The curve of a compressed student, in a form that is kept beside the code. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import type { CompressionCurve } from "../../compression/curve.ts";
import { curveFigure } from "../compression/curve_figure.ts";
import { curveCells, curveHeader, curveNotes } from "../compression/curve_table.ts";
import { figurePng } from "../pictures/figure_picture.ts";
import { markdownTable } from "../tables/markdown_table.ts";
import { provenanceText } from "./provenance.ts";
import { refreshResultPages } from "./result_pages.ts";

/**
 * Writes `compress.json`, `compress.md` and two pictures to a folder of records, and refreshes the pages that show
 * the table.
 *
 * @param command which measures it again
 */
export async function recordCompression(
  curve: CompressionCurve,
  results: string,
  command: string,
): Promise<void> {
  await Deno.mkdir(results, { recursive: true });
  const path = `${results}/compress`, { date } = curve;
  await writeFileAtomic(`${path}.json`, JSON.stringify(curve, null, 2) + "\n");
  const table = markdownTable(curveHeader, curveCells(curve), ["Pareto front"]);
  const words = [...curveNotes(curve), `${provenanceText({ command, date })}.`].join("\n\n");
  await writeFileAtomic(`${path}.md`, `${table}\n\n${words}\n`);
  for (const cost of ["milliseconds", "bytes"] as const) {
    await writeFileAtomic(`${path}_${cost}.png`, await figurePng(curveFigure(curve, cost)));
  }
  await refreshResultPages(results);
}
