/** Section of a report: the stages that the recipe has, each a run of its own. */
import { stageCells, stageHeader } from "../../tables/stage_table.ts";
import { html } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import { framed, type Section, table } from "./section.ts";

/** A line for each stage; nothing of a run without stages. */
export function stagesSection({ stages = [] }: ReportInput): Section | undefined {
  if (stages.length === 0) return undefined;
  const rows = stageCells(stages).map((cells) =>
    html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`
  );
  const note =
    "Everything else on this page is of the last stage. Those before it have reports in stages/.";
  return {
    markup: framed(
      "Stages",
      html`<div class="card scroll">${table(stageHeader, rows)}</div>`,
      html`<p class="note">${note}</p>`,
    ),
  };
}
