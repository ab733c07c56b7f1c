/** An evaluation on many tasks in a form that is kept beside the code. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import type { Evaluation } from "../../evaluation/results.ts";
import { lowerIsBetter } from "../../metrics/comparison/evaluation_metric.ts";
import { markdownTable } from "../tables/markdown_table.ts";
import { costCells, costHeader, evaluationCosts, evaluationCsv } from "../tables/tables.ts";
import { tallMarkdown, taskTables } from "../tables/task_table.ts";

/** Under what circumstances models were measured. */
export interface EvaluationProvenance {
  /** The command that measures them again. */
  readonly command: string;
  /** ISO date. */
  readonly date: string;
  /** Processor and cores, in words. */
  readonly machine: string;
  /** Side in pixels at which all models saw the images. */
  readonly canvas: number;
  /** At most so many train and test images of each task, where not all. */
  readonly limit?: number | undefined;
}

/**
 * Writes `NAME.csv`, one line for each number, and `NAME.md`: means first, then every table, then costs.
 *
 * @param path of both files, without their endings.
 * @returns the path of the tables.
 *
 * @example
 * ```ts
 * import { recordEvaluation } from "@hashigo/hashigo";
 * const folder = await Deno.makeTempDir();
 * const row = { model: "pixels", metric: "k-NN", value: 90, low: 88, high: 92, images: 10, seconds: 1 };
 * const rows = [{ ...row, task: "digits" }, { ...row, task: "land_use", value: 30 }];
 * const evaluation = { rows, costs: [], models: [["pixels", "baseline"] as const] };
 * const path = await recordEvaluation(evaluation, `${folder}/suite`, {
 *   command: "deno task evaluate --suite",
 *   date: "2026-01-01",
 *   machine: "2 cores",
 *   canvas: 32,
 * });
 * if (!(await Deno.readTextFile(path)).includes("| k-NN | **60.0** |")) throw new Error("The mean");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function recordEvaluation(
  evaluation: Evaluation,
  path: string,
  circumstances: EvaluationProvenance,
): Promise<string> {
  const { rows } = evaluation;
  await writeFileAtomic(`${path}.csv`, evaluationCsv(rows));
  const costs = evaluationCosts(evaluation).map(costCells);
  const text = [
    meansMarkdown(evaluation),
    sentence(evaluation, circumstances),
    tallMarkdown(rows),
    ...(costs.length === 0 ? [] : ["**costs**", markdownTable(costHeader, costs)]),
  ].join("\n\n") + "\n";
  await writeFileAtomic(`${path}.md`, text);
  return `${path}.md`;
}

/** Of every metric the mean over the tasks, with the verdicts counted. */
function meansMarkdown({ rows }: Evaluation): string {
  const tables = taskTables(rows, (text) => `**${text}**`);
  const [first] = tables;
  if (first === undefined) return "";
  const lines = tables.map(({ metric, body }) => [
    lowerIsBetter(metric) ? `${metric} (lower is better)` : metric,
    ...(body.at(-1) ?? []).slice(1),
  ]);
  return markdownTable(["mean over the tasks", ...first.header.slice(1)], lines, ["verdict"]);
}

function sentence(
  { rows }: Evaluation,
  { command, date, machine, canvas, limit }: EvaluationProvenance,
): string {
  const tasks = new Set(rows.map(({ task }) => task)).size;
  const images = limit === undefined
    ? "all images"
    : `at most ${limit} train and ${limit} test images of each`;
  return `\`${command}\`, ${date}, ${machine}. ${tasks} tasks, ${images}; all models see them at ` +
    `${canvas} px, those of dense tasks as their manifests in data/tasks/dense say. Frozen features; ` +
    "percent, depths in centimetres, the best of each line in bold. A verdict sets the student " +
    "against the best teacher of that task; it ties where 0 lies in the 95 % interval of the " +
    "difference over the test images.";
}
