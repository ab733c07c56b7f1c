/** An evaluation on many tasks in a form that is kept beside the code. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import type { Evaluation } from "../../evaluation/results.ts";
import { costCells, costHeader, evaluationCosts } from "../tables/cost_table.ts";
import { evaluationCsv } from "../tables/evaluation_csv.ts";
import { bold, markdownTable } from "../tables/markdown_table.ts";
import { directionNote } from "../tables/metric_title.ts";
import { taskTableMarkdown, taskTables } from "../tables/task_table.ts";
import { type Provenance, provenanceText } from "./provenance.ts";

/** Which images the models of an evaluation saw. */
export interface ImageProtocol {
  /** Side in pixels at which all models saw the images. */
  readonly canvas: number;
  /** At most so many train and so many test images of each task; default all. */
  readonly limit?: number | undefined;
}

/**
 * Writes `PATH.csv`, one line for each number, and `PATH.md`: means first, then every table, then costs.
 *
 * @param path Path of both files, without their endings.
 * @returns The path of the tables.
 *
 * @example
 * ```ts
 * import { recordEvaluation } from "./evaluation_record.ts";
 * const folder = await Deno.makeTempDir();
 * const row = { model: "pixels", metric: "k-NN", value: 90, low: 88, high: 92, images: 10, seconds: 1 };
 * const rows = [{ ...row, task: "digits" }, { ...row, task: "land_use", value: 30 }];
 * const evaluation = { rows, costs: [], models: [["pixels", "baseline"] as const] };
 * const path = await recordEvaluation(evaluation, `${folder}/suite`, {
 *   command: "deno task evaluate --suite",
 *   date: "2026-01-01",
 *   machine: "2 cores",
 * }, { canvas: 32 });
 * if (!(await Deno.readTextFile(path)).includes("| k-NN | **60.0** |")) throw new Error("The mean");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function recordEvaluation(
  evaluation: Evaluation,
  path: string,
  provenance: Provenance,
  images: ImageProtocol,
): Promise<string> {
  const { rows } = evaluation;
  await writeFileAtomic(`${path}.csv`, evaluationCsv(rows));
  const costs = evaluationCosts(evaluation).map(costCells);
  const text = [
    meansMarkdown(evaluation),
    note(evaluation, provenance, images),
    taskTableMarkdown(rows, evaluation.means),
    ...(costs.length === 0 ? [] : [bold("costs"), markdownTable(costHeader, costs)]),
  ].join("\n\n") + "\n";
  await writeFileAtomic(`${path}.md`, text);
  return `${path}.md`;
}

/** Of every metric the mean over the tasks, with the verdicts counted. */
function meansMarkdown({ rows, means }: Evaluation): string {
  const tables = taskTables(rows, bold, means);
  const [first] = tables;
  if (first === undefined) return "";
  const lines = tables.map(({ metric, body }) => [
    metric + directionNote(metric),
    ...(body.at(-1) ?? []).slice(1),
  ]);
  return markdownTable(["mean over the tasks", ...first.header.slice(1)], lines, ["verdict"]);
}

function note(
  { rows, readouts = [] }: Evaluation,
  provenance: Provenance,
  { canvas, limit }: ImageProtocol,
): string {
  const tasks = new Set(rows.map(({ task }) => task)).size;
  const images = limit === undefined
    ? "all images"
    : `at most ${limit} train and ${limit} test images of each`;
  return `${provenanceText(provenance)}. ${tasks} tasks, ${images}; all models see them at ` +
    `${canvas} px, those of dense tasks as their manifests in data/tasks/dense say. Frozen features; ` +
    "percent, depths in centimetres, the best of each line in bold. A verdict sets the student " +
    "against the best teacher of that task; it ties where 0 lies in the 95 % interval of the " +
    "difference over the test images." +
    (readouts.length === 0
      ? ""
      : ` Same readout for all: ${
        readouts.map(({ model, readout }) => `${model} by ${readout}`).join("; ")
      }; chosen by cross-validation on train images.`);
}
