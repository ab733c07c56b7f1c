/** A choice of teachers as one self-contained page. */
import type { Selection } from "../../evaluation/selection/selection.ts";
import { html } from "../html.ts";
import { framedPage } from "../page/page_frame.ts";
import { selectionSection } from "../page/sections/selection.ts";

/**
 * The page as HTML: the order of the teachers, what each adds and costs, and a heat map of what each has of its own.
 *
 * @param options command: by which it was made; plotly: source of the plotting library, part of the page.
 */
export function selectionPage(
  selection: Selection,
  { command, plotly }: { readonly command: string; readonly plotly: string },
): string {
  const { teachers } = selection;
  return framedPage({
    title: "Which teachers",
    head: html`
      <header>
        <p class="kicker">Hashigo · choice of teachers</p>
        <h1>Which of ${teachers.length} teachers</h1>
      </header>
    `,
    sections: [selectionSection(selection)],
    foot: [
      teachers.map(({ name, readout }) => html`<p>${name} is read out: ${readout}</p>`),
      html`<p>Command: ${command}</p>`,
    ],
    plotly,
  });
}
