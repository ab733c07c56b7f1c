/** Section of a report: what student and teachers cost. */
import { html, type Markup } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import { costCells, costHeader, sumOfTeachers } from "../../tables/cost_table.ts";
import { dot, framed, roleOf, type Section, table } from "./section.ts";

/**
 * A line for each model, and a last one for all teachers together; nothing where there is a deployment table,
 * which holds the same numbers.
 */
export function costSection(input: ReportInput): Section | undefined {
  if (input.costs.length === 0 || input.deployment !== undefined) return undefined;
  const teachers = input.costs.filter(({ model }) => roleOf(input, model) === "teacher");
  const line = (cells: readonly string[], role: string, mark?: Markup) =>
    html`<tr class="${role}">${
      cells.map((cell, i) => html`<td>${i === 0 ? mark : undefined}${cell}</td>`)
    }</tr>`;
  const rows = input.costs.filter(({ model }) => roleOf(input, model) !== "baseline").map((row) =>
    line(costCells(row), roleOf(input, row.model), dot(input, row.model))
  );
  rows.push(...sumOfTeachers(teachers).map((all) => line(costCells(all), "baseline")));
  const titles = costHeader.map((title, i) => i === 0 ? "" : title);
  return {
    markup: framed("Cost", html`<div class="card scroll">${table(titles, rows)}</div>`),
  };
}
