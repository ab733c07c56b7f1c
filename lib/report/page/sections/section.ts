/** The type of a report's sections, and their frames, tables and marks. */
import type { Figure } from "../../figures/figure.ts";
import { html, type Markup, type Part } from "../../html.ts";
import type { ReportInput } from "../report_input.ts";
import { darkTheme, lightTheme, modelColours } from "../../figures/theme.ts";

/** One section of a report. */
export interface Section {
  /** From its heading on. */
  readonly markup: Markup;
  /** By the id of the place where the page's script draws it; in the colours of `namedTheme`. */
  readonly figures?: Readonly<Record<string, Figure>> | undefined;
}

/** Frames a section under a heading. */
export function framed(title: string, ...parts: readonly Part[]): Markup {
  return html`
    <section>
      <h2>${title}</h2>
      ${parts}
    </section>
  `;
}

/** The place of a figure, with a description for screen readers. */
export function figurePlace(id: string, description: string): Markup {
  return html`<div class="figure" id="${id}" role="img" aria-label="${description}"></div>`;
}

/** A table whose first column holds the names of its rows. */
export function table(titles: readonly Part[], rows: readonly Markup[]): Markup {
  return html`
    <table>
      <thead>
        <tr>${titles.map((title) => html`<th scope="col">${title}</th>`)}</tr>
      </thead>
      <tbody>${rows}</tbody>
    </table>
  `;
}

/** The role of a model, as a class of the page's style sheet. */
export function roleOf({ models }: Pick<ReportInput, "models">, model: string): string {
  return new Map(models).get(model) ?? "baseline";
}

/** A mark in the model's colour, the same as in the figures. */
export function dot({ models }: Pick<ReportInput, "models">, model: string): Markup {
  const [light, dark] = [lightTheme, darkTheme].map((theme) =>
    modelColours(models, theme).get(model) ?? theme.muted
  );
  return html`<span class="dot" style="--light:${light};--dark:${dark}"></span>`;
}
