/** Section of a report: the same images through the eyes of every model. */
import { percent } from "../../format.ts";
import { html, type Markup } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import type { FeaturePictures } from "../../../evaluation/pictures/pictures.ts";
import { dot, framed, type Section } from "./section.ts";

/** Images in columns, models in rows. */
export function picturesSection(input: ReportInput): Section | undefined {
  const { features = [] } = input.pictures ?? {};
  if (features.length === 0) return undefined;
  return {
    markup: framed(
      "Features",
      features.map((pictures) => pictureTable(input, pictures)),
      html`
        <p class="note">Colours of a picture: the first three principal components of the patch tokens
        of one model, over all its images of a set. Equal colours within one row are like features;
        colours of different rows cannot be compared. In percent: the part of all variance that the three
        components hold.</p>
      `,
    ),
  };
}

function pictureTable(input: ReportInput, { task, images, models }: FeaturePictures): Markup {
  const cell = (picture: string, description: string) =>
    html`<td><img src="${picture}" alt="${description}"></td>`;
  const rows = models.map(({ model, grid, share, pictures }) =>
    html`
      <tr>
        <th scope="row">${dot(input, model)}${model}
          <small>${grid.join(" x ")} tokens, ${percent(share)}</small></th>
        ${pictures.map((picture, i) => cell(picture, `Features of ${model}, image ${i + 1}`))}
      </tr>
    `
  );
  return html`
    <figure class="card scroll">
      <figcaption>${task}</figcaption>
      <table class="pictures">
        <tbody>
          <tr>
            <th scope="row">image</th>
            ${images.map((picture, i) => cell(picture, `Image ${i + 1} of ${task}`))}
          </tr>
          ${rows}
        </tbody>
      </table>
    </figure>
  `;
}
