/** Section of a report: what the models cost where they run. */
import {
  deploymentCells,
  deploymentHeader,
  deploymentNote,
  headSeconds,
} from "../../tables/deployment_table.ts";
import { html } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import { dot, framed, roleOf, type Section, table } from "./section.ts";

/** Latency, throughput, memory, size, and what an update costs. */
export function deploymentSection(input: ReportInput): Section | undefined {
  const { deployment, rows } = input;
  if (deployment === undefined) return undefined;
  const lines = deployment.rows.map((row) => {
    const [model = "", ...cells] = deploymentCells(row);
    const single = new Map(input.models).has(model);
    return html`
      <tr class="${roleOf(input, model)}">
        <th scope="row">${single ? dot(input, model) : undefined}${model}</th>
        ${cells.map((cell) => html`<td>${cell}</td>`)}
      </tr>
    `;
  });
  return {
    markup: framed(
      "Deployment",
      html`
        <div class="card scroll">${table(
          deploymentHeader.map((title, i) => i === 0 ? "" : title),
          lines,
        )}</div>
        <p class="note">${deploymentNote(deployment, headSeconds(rows))}</p>
      `,
    ),
  };
}
