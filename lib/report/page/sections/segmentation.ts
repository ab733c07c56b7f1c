/** Section of a report: labels and predictions of every pixel, laid over the images. */
import type { SegmentationPictures } from "../../../evaluation/pictures/pictures.ts";
import { classColour, unlabelledColour } from "../../../evaluation/pictures/class_colours.ts";
import { html, type Markup } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import { dot, framed, type Section } from "./section.ts";

/** Images in columns; the image, its labels and each model's predictions in rows. */
export function segmentationSection(input: ReportInput): Section | undefined {
  const { segmentation = [] } = input.pictures ?? {};
  if (segmentation.length === 0) return undefined;
  return {
    markup: framed("Segmentation", segmentation.map((pictures) => overlayTable(input, pictures))),
  };
}

function overlayTable(
  input: ReportInput,
  { task, classes, images }: SegmentationPictures,
): Markup {
  const row = (title: Markup, pictures: readonly (string | undefined)[], content: string) =>
    html`
      <tr>
        <th scope="row">${title}</th>
        ${pictures.map((picture, i) =>
          html`<td>${
            picture && html`<img src="${picture}" alt="${content} of image ${i + 1}">`
          }</td>`
        )}
      </tr>
    `;
  const models = [
    ...new Set(images.flatMap(({ predictions }) => predictions.map(({ model }) => model))),
  ];
  const predictions = models.map((model) =>
    row(
      html`${dot(input, model)}${model}`,
      images.map(({ predictions }) =>
        predictions.find((prediction) => prediction.model === model)?.picture
      ),
      `Prediction of ${model}`,
    )
  );
  return html`
    <figure class="card scroll">
      <figcaption>${task}</figcaption>
      <table class="pictures">
        <tbody>
          ${row(html`image`, images.map(({ pixels }) => pixels), "Pixels")}
          ${row(html`labels`, images.map(({ truth }) => truth), "Labels")}
          ${predictions}
        </tbody>
      </table>
      ${legend(classes)}
    </figure>
  `;
}

function legend(classes: readonly string[]): Markup {
  const entry = (name: string, colour: string) =>
    html`<li><span class="dot" style="--light:${colour};--dark:${colour}"></span>${name}</li>`;
  return html`<ul class="legend">${classes.map((name, i) => entry(name, hex(classColour(i))))}${
    entry("not labelled", hex(unlabelledColour))
  }</ul>`;
}

function hex(colour: readonly number[]): string {
  return `#${Uint8Array.from(colour).toHex()}`;
}
