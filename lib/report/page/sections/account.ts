/** Section of a report: what the run took. */
import { duration } from "../../../io/duration.ts";
import { count } from "../../format.ts";
import { html } from "../../html.ts";
import { accountFacts } from "../../tables/account_text.ts";
import type { ReportInput } from "../report_input.ts";
import { framed, type Section, table } from "./section.ts";

/** Compute, energy and carbon of a finished run, over all its stages; nothing where no account was kept. */
export function accountSection(
  { account, reports, stages = [] }: ReportInput,
): Section | undefined {
  const last = reports.at(-1);
  if (account === undefined || last === undefined) return undefined;
  const seconds = stages.length > 0
    ? stages.reduce((sum, stage) => sum + stage.seconds, 0)
    : last.seconds;
  const facts = [
    ["training", duration(seconds)],
    [
      "images seen",
      stages.length > 1
        ? `${count(last.images, "image")} in the last stage`
        : count(last.images, "image"),
    ],
    ...accountFacts(account),
  ];
  const rows = facts.map(([title, text]) =>
    html`
      <tr>
        <th scope="row">${title}</th>
        <td>${text}</td>
      </tr>
    `
  );
  return {
    markup: framed(
      "Compute and carbon",
      html`<div class="card scroll">${table(["", "what it took"], rows)}</div>`,
      html`
        <p
          class="note">Of all processes that trained it, without its evaluation. Processor time counts every core.
          Memory, cooling and graphics cards are not in the energy.</p>
      `,
    ),
  };
}
