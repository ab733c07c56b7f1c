/** The page `curve.html`: accuracy of compressed students against time and size, with the Pareto front marked. */
import type { CompressionCurve } from "../../compression/curve.ts";
import { namedTheme } from "../figures/named_theme.ts";
import { plotlyScript } from "../figures/plotly_script.ts";
import { html, type Markup } from "../html.ts";
import { framedPage } from "../page/page_frame.ts";
import { figurePlace, framed, table } from "../page/sections/section.ts";
import { curveCells, curveHeader, curveNotes } from "./curve_table.ts";
import { curveFigure } from "./curve_figure.ts";

/** The page as HTML, which needs no network. */
export async function curvePage(curve: CompressionCurve): Promise<string> {
  const title = `${curve.student}, compressed`;
  const figure = (axis: "milliseconds" | "bytes") => ({
    [axis]: curveFigure(curve, axis, { theme: namedTheme }),
  });
  return framedPage({
    title,
    head: html`<h1>${title}</h1>`,
    sections: [
      {
        markup: framed(
          "Accuracy against time",
          figurePlace("milliseconds", "k-NN accuracy of every file against the time for an image"),
        ),
        figures: figure("milliseconds"),
      },
      {
        markup: framed(
          "Accuracy against size",
          figurePlace("bytes", "k-NN accuracy of every file against its size"),
        ),
        figures: figure("bytes"),
      },
      {
        markup: framed(
          "Every file",
          html`<div class="card scroll">${
            table(curveHeader, curveCells(curve).map(tableRow))
          }</div>`,
          curveNotes(curve).map((line) => html`<p class="note">${line}</p>`),
        ),
      },
    ],
    foot: html`<p>${curve.date}. Made with Hashigo.</p>`,
    plotly: await plotlyScript(),
  });
}

function tableRow([name = "", ...cells]: readonly string[]): Markup {
  return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
}
