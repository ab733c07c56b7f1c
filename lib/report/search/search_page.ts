/** What a search found, as one self-contained page of pictures. */
import { spreadEvenly } from "../../images/sources/spread_evenly.ts";
import type { SearchRequest, SearchResult } from "../../inference/search_folder.ts";
import { html, Markup } from "../html.ts";
import { reportStyle } from "../page/report_style.ts";
import { pictureFigure, pictureStyle } from "./picture_figure.ts";
import { picturesOf } from "./pictures_of.ts";

/** Images with their neighbours, and pairs, that a page shows at most: each picture is part of it. */
const mostRows = 200, mostPairs = 100;

/** Options of {@linkcode searchPage}. */
export interface SearchPageOptions extends Pick<SearchRequest, "index" | "images"> {
  /** Name of the student. */
  readonly model: string;
  /** Called with the number of pictures that are made, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * The page as HTML: a row of pictures for each image, itself and its nearest, and pairs of the index that are
 * almost the same. Of more than 200 images it shows 200, spread evenly, and says so.
 */
export async function searchPage(
  result: SearchResult,
  { index, images, model, onProgress }: SearchPageOptions,
): Promise<string> {
  const rows = spreadEvenly([...result.images.keys()], mostRows);
  const pairs = result.duplicates.slice(0, mostPairs);
  const ofIndex = new Set([
    ...rows.flatMap((row) => result.neighbours[row]!.map(({ image }) => result.index[image]!)),
    ...pairs.flatMap(({ images }) => images.map((image) => result.index[image]!)),
  ]);
  const asked = rows.map((row) => result.images[row]!);
  let done = 0;
  const onPicture = () => onProgress?.(++done, ofIndex.size + asked.length);
  const [found, queries] = [
    await picturesOf(index, ofIndex, onPicture),
    await picturesOf(images, asked, onPicture),
  ];
  const shown = rows.length < result.images.length
    ? `${rows.length} of ${result.images.length} images, spread evenly`
    : `${rows.length} images`;
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>Similar images</title>
        <style>${new Markup(reportStyle + pageStyle)}</style>
      </head>
      <body>
        <main>
    <header>
    <p class="kicker">hashigo search, ${model}</p>
    <h1>Similar images</h1>
    <p class="lede">${shown} of ${images}, each with its nearest of the ${result.index
      .length} of ${index}.</p>
    <p class="note">Similarity is the cosine between features, of which the mean of the index is taken off: 1 is the
    same, 0 is no more alike than any two.</p>
    </header>
    ${pairs.length === 0 ? undefined : html`<h2>Almost the same</h2>
<p class="note">${
      pairs.length < result.duplicates.length
        ? `The ${pairs.length} most alike of ${result.duplicates.length} pairs.`
        : `${pairs.length} ${pairs.length === 1 ? "pair" : "pairs"}.`
    }</p>
<div class="pairs">${
      pairs.map(({ images: [a, b], similarity }) =>
        html`<div class="row">${
          [a, b].map((image) => picture(found, result.index[image]!, similarity))
        }</div>`
      )
    }</div>`}
    <h2>Nearest</h2>
    ${rows.map((row) =>
      html`<div class="row">${
        picture(queries, result.images[row]!)
      }<span class="arrow" aria-hidden="true">→</span>${
        result.neighbours[row]!.map(({ image, similarity }) =>
          picture(found, result.index[image]!, similarity)
        )
      }</div>`
    )}
        </main>
      </body>
    </html>
  `.text;
}

function picture(
  pictures: ReadonlyMap<string, string>,
  name: string,
  similarity?: number,
): Markup {
  return pictureFigure(
    pictures,
    name,
    similarity === undefined ? undefined : { what: "similarity", text: similarity.toFixed(2) },
  );
}

const pageStyle = pictureStyle + `
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 0 16px; }
.arrow { align-self: center; color: var(--muted); }
`;
