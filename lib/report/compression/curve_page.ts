/** The page `curve.html`: accuracy of compressed students against time and size, with the Pareto front marked. */
import type { CompressionCurve } from "../../compression/curve.ts";
import { namedTheme, pageThemes } from "../figures/named_theme.ts";
import { plotlyScript } from "../figures/plotly_script.ts";
import { html, jsonScript, Markup } from "../html.ts";
import { reportScript, reportStyle } from "../page/report_style.ts";
import { figurePlace, framed, table } from "../page/sections/section.ts";
import { curveCells, curveHeader, curveNotes } from "./curve_table.ts";
import { curveFigure } from "./curve_figure.ts";

/** The page as HTML, which needs no network. */
export async function curvePage(curve: CompressionCurve): Promise<string> {
  const figures = {
    milliseconds: curveFigure(curve, "milliseconds", { theme: namedTheme }),
    bytes: curveFigure(curve, "bytes", { theme: namedTheme }),
  };
  const plotly = await plotlyScript();
  const { text } = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${curve.student}, compressed · Hashigo</title>
        <style>${new Markup(reportStyle)}</style>
      </head>
      <body>
    <main>
    <h1>${curve.student}, compressed</h1>
    ${framed(
      "Accuracy against time",
      figurePlace("milliseconds", "k-NN accuracy of every file against the time for an image"),
    )}
    ${framed(
      "Accuracy against size",
      figurePlace("bytes", "k-NN accuracy of every file against its size"),
    )}
    ${framed(
      "Every file",
      html`<div class="card scroll">${table(curveHeader, curveCells(curve).map(tableRow))}</div>`,
      curveNotes(curve).map((line) => html`<p class="note">${line}</p>`),
    )}
    <footer><p>${curve.date}. Made with Hashigo.</p></footer>
    </main>
    <noscript><p class="note">The figures need JavaScript; the table does not.</p></noscript>
    ${jsonScript("figures", figures)}
    ${jsonScript("themes", pageThemes)}
    <script>${new Markup(plotly)}</script>
    <script>${new Markup(reportScript)}</script>
      </body>
    </html>
  `;
  return text;
}

function tableRow([name = "", ...cells]: readonly string[]): Markup {
  return html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
}
