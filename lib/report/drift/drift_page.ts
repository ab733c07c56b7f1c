/** What a test for drift has found, as one self-contained page: tests, pictures, axes. */
import { type DriftOfFolders, tellingImages } from "../../inference/drift/drift_of_folders.ts";
import type { Figure } from "../figures/figure.ts";
import { histogramFigure } from "../figures/histogram_figure.ts";
import { namedTheme, pageThemes } from "../figures/named_theme.ts";
import { count, percent, significant } from "../format.ts";
import { html, jsonScript, Markup } from "../html.ts";
import { reportScript, reportStyle } from "../page/report_style.ts";
import { figurePlace, framed, table } from "../page/sections/section.ts";
import { pictureFigure, pictureStyle } from "../search/picture_figure.ts";
import { picturesOf } from "../search/pictures_of.ts";
import type { DriftRecord } from "./drift_record.ts";
import { harmHeader, harmRows, harmText, pText, testWords, verdictText } from "./drift_text.ts";

/** Pictures of each kind, and axes, that are shown. */
const shownPictures = 24, shownAxes = 6;

/**
 * The page as HTML.
 *
 * @param options plotly: source of the plotting library, as by `plotlyScript`; onProgress: called with the number of
 * pictures that are made, and of all
 */
export async function driftPage(
  result: DriftOfFolders,
  record: DriftRecord,
  { plotly, onProgress }: {
    readonly plotly: string;
    readonly onProgress?: ((done: number, total: number) => void) | undefined;
  },
): Promise<string> {
  const telling = tellingImages(result, shownPictures);
  const total = telling.images.length + telling.reference.length;
  let done = 0;
  const rows: Record<"images" | "reference", Markup[]> = { images: [], reference: [] };
  for (const kind of ["images", "reference"] as const) {
    const names = telling[kind].map(({ image }) => image);
    const pictures = await picturesOf(record[kind], names, () => onProgress?.(++done, total));
    rows[kind] = telling[kind].map(({ image, score }) =>
      pictureFigure(pictures, image, { what: "score", text: score.toFixed(2) })
    );
  }
  const axes = axisFigures(result);
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${record.drift ? "Drift" : "No drift"} · Hashigo</title>
        <style>${new Markup(reportStyle + pictureStyle)}</style>
      </head>
      <body>
        <main>
    <header>
    <p class="kicker">hashigo drift, ${record.model}</p>
    <h1>${record.drift ? "The images have drifted" : "No drift was found"}</h1>
    <p class="lede">${count(record.tested.images, "image")} of ${record.images} against ${count(
      record.tested.reference,
      "image",
    )} of ${record.reference}: ${verdictText(record)}.</p>
    </header>
    ${framed(
      "Tests",
      table(["test", "statistic", "", "p"], record.tests.map(testRow)),
      html`
        <p
          class="note">Where there is no drift, an alarm comes in at most ${percent(
            record.level,
          )} of such tests. The p-value of all three together is the least of them, times three.</p>
      `,
    )}
    ${framed("Harm", harmPart(record))}
    ${framed(
      "Images that tell",
      html`
        <h3>New, and most unlike the reference</h3>
        <div class="row">${rows.images}</div>
      `,
      html`
        <h3>Of the reference, and most unlike the new</h3>
        <div class="row">${rows.reference}</div>
      `,
      html`<p class="note">By the score of a classifier that had not seen the image, the surest first.</p>`,
    )}
    ${framed(
      "Axes that differ most",
      html`<div class="grid">${
        axes.map(({ id, title, note }) =>
          html`<div class="card"><h3>${title}</h3>${
            figurePlace(id, title)
          }<p class="note">${note}</p></div>`
        )
      }</div>`,
      html`
        <p
          class="note">Principal axes of the features of all images; grey: the reference, in deviations.</p>
      `,
    )}
    <footer><p>Seed ${record.seed}; at most ${record
      .limit} images of each folder, drawn by it.</p></footer>
        </main>
    <noscript><p class="note">The figures need JavaScript; the tables do not.</p></noscript>
    ${jsonScript("figures", Object.fromEntries(axes.map(({ id, figure }) => [id, figure])))}
    ${jsonScript("themes", pageThemes)}
    <script>${new Markup(plotly)}</script>
    <script>${new Markup(reportScript)}</script>
      </body>
    </html>
  `.text;
}

function testRow({ test, statistic, p }: DriftRecord["tests"][number]): Markup {
  const { title, number } = testWords[test];
  return html`
    <tr>
      <td>${title}</td>
      <td>${significant(statistic)}</td>
      <td><small>${number}</small></td>
      <td>${pText(p)}</td>
    </tr>
  `;
}

function harmPart(record: DriftRecord): Markup {
  const { harm } = record;
  const words = html`<p class="note">${harmText(record)}.</p>`;
  if (harm === null) return words;
  const rows = harmRows(harm).map((cells) =>
    html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`
  );
  return html`
    ${table(harmHeader, rows)}${words}<p
      class="note">Of ${count(harm.images.current, "image")} against ${harm.images
        .reference} of the reference. The student: its
      distillation loss. Teachers: the share of the variance of their features, within these very images, that a
      linear map from the others does not tell.</p>
  `;
}

/** Histograms of the axes of the smallest p-values. */
function axisFigures({ drift: { axes, along }, names }: DriftOfFolders) {
  const first = names.reference.length, { features, width } = along;
  const order = [...axes.each.keys()].sort((a, b) =>
    axes.each[a]!.p - axes.each[b]!.p || axes.each[b]!.statistic - axes.each[a]!.statistic
  );
  return order.slice(0, shownAxes).map((axis) => {
    const { share, adjusted } = axes.each[axis]!;
    const column = Float32Array.from(
      { length: features.length / width },
      (_, i) => features[i * width + axis]!,
    );
    const figure: Figure = histogramFigure({
      series: [
        { name: "reference", values: column.subarray(0, first) },
        { name: "images", values: column.subarray(first) },
      ],
      title: "",
    }, { theme: namedTheme });
    return {
      ...{ id: `axis${axis}`, title: `Axis ${axis + 1}`, figure },
      note: `${percent(share)} of the variance; p ${pText(adjusted)} corrected`,
    };
  });
}
