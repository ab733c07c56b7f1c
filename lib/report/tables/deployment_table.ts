/** What models cost where they run, as tables. */
import { megabytes } from "../../io/terminal.ts";
import { millions, significant } from "../format.ts";
import type { Deployment } from "../../evaluation/deployment/deployment.ts";
import { duration } from "../../io/duration.ts";
import { metricNames } from "../../metrics/comparison/evaluation_metric.ts";
import type { EvaluationRow } from "../../metrics/comparison/evaluation_row.ts";
import type { DeploymentRow } from "../../metrics/costs/deployment.ts";
import { markdownTable } from "./markdown_table.ts";
import { textTable } from "./text_table.ts";

/** Titles of the columns. */
export const deploymentHeader: readonly string[] = [
  "model",
  "p50, ms",
  "p95, ms",
  "images/s",
  "batch",
  "peak memory, MB",
  "parameters",
  "GFLOP/image",
  "file, MB",
  "J/image",
];

/** Cells of one line. */
export function deploymentCells(row: DeploymentRow): string[] {
  return [
    row.model,
    significant(row.p50),
    significant(row.p95),
    row.imagesPerSecond.toFixed(0),
    row.batchSize === undefined ? "" : String(row.batchSize),
    row.peakBytes === undefined ? "-" : (row.peakBytes / 1e6).toFixed(0),
    millions(row.parameters),
    significant(row.gflop),
    row.fileBytes === undefined ? "-" : significant(row.fileBytes / 1e6),
    significant(row.joules),
  ];
}

/**
 * The sentences below the table: where it was measured, how, and what an update costs.
 *
 * @param headSeconds Seconds that it takes to fit a head on frozen features, where that was measured.
 */
export function deploymentNote(deployment: Deployment, headSeconds?: number): string {
  const { machine, canvas, distilSeconds, runtimeBytes, rows } = deployment;
  const metered = rows.some(({ joules }) => joules !== undefined);
  return [
    `${machine}; images of ${canvas} px. Latency with one image, images per second at the best ` +
    "batch size.",
    runtimeBytes === undefined
      ? ""
      : "Peak memory: what the model adds in a process of its own, with one image at a time, to the " +
        `${megabytes(runtimeBytes)} of the runtime.`,
    metered ? "Energy: of the whole processor." : "This machine reports no energy.",
    distilSeconds === undefined ? "" : `To distil again: ${duration(distilSeconds)}.`,
    headSeconds === undefined ? "" : `To fit a head again: ${headSeconds.toFixed(1)} s for a task.`,
  ].filter((sentence) => sentence !== "").join(" ");
}

/** Seconds that it took to fit a head: the median over all logistic regressions, where there was one. */
export function headSeconds(rows: readonly EvaluationRow[]): number | undefined {
  const seconds = rows.filter(({ metric }) => metric === metricNames.logistic)
    .map((row) => row.seconds).sort((a, b) => a - b);
  return seconds[Math.floor(seconds.length / 2)];
}

/**
 * The table for a terminal.
 *
 * @example
 * ```ts
 * import { deploymentText } from "@hashigo/hashigo/report";
 * const row = { model: "a", parameters: 1e6, gflop: 1, p50: 2, p95: 3, imagesPerSecond: 99 };
 * const text = deploymentText({ rows: [row], machine: "2 cores", canvas: 32 });
 * if (!text.includes("1.00 M")) throw new Error("Millions");
 * ```
 */
export function deploymentText(deployment: Deployment, headSeconds?: number): string {
  const table = textTable(deploymentHeader, deployment.rows.map(deploymentCells));
  return `${table}\n${deploymentNote(deployment, headSeconds)}`;
}

/** The table as Markdown. */
export function deploymentMarkdown(deployment: Deployment, headSeconds?: number): string {
  const table = markdownTable(deploymentHeader, deployment.rows.map(deploymentCells));
  return `${table}\n\n${deploymentNote(deployment, headSeconds)}`;
}
