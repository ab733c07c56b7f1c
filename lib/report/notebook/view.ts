/** Values that a notebook with the Deno kernel displays: figures, tables and pictures. */
import type { Figure } from "../figures/figure.ts";
import { figurePng } from "../pictures/figure_picture.ts";
import { html } from "../html.ts";
import { textTable } from "../tables/text_table.ts";

/** The symbol of the method by which Deno's kernel displays a value. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display");

/** Contents by MIME type; a viewer takes the richest that it can draw. `text/plain` is always there. */
export type NotebookBundle = { readonly "text/plain": string; readonly [type: string]: unknown };

/** A value that a notebook displays, as the last expression of a cell or by `show`. */
export interface NotebookView {
  /**
   * Contents by MIME type.
   *
   * @param options live: whether they will be replaced in a moment; what takes time to draw is then left out.
   */
  [jupyterDisplay](options?: { readonly live?: boolean | undefined }): Promise<NotebookBundle>;
}

/**
 * A figure: plotly's own type for JupyterLab and VS Code, a PNG for GitHub and nbconvert, words for other
 * viewers. All are on white, so that they can be read in a dark notebook too.
 *
 * @param description What the figure shows, in words.
 *
 * @example
 * ```ts
 * import { jupyterDisplay, notebookFigure } from "@hashigo/hashigo/notebook";
 * import { alignmentFigure } from "@hashigo/hashigo/report";
 * const layers = [{ model: "a", layer: "features" }, { model: "b", layer: "features" }];
 * const models = [["a", "student"], ["b", "teacher"]] as const;
 * const figure = alignmentFigure({ models, alignment: { layers, values: [[1, 0.5], [0.5, 1]] } });
 * const shown = await notebookFigure(figure, "CKA of two models")[jupyterDisplay]();
 * if (shown["text/plain"] !== "CKA of two models") throw new Error("In words");
 * if (typeof shown["image/png"] !== "string") throw new Error("As a picture");
 * ```
 */
export function notebookFigure(figure: Figure, description: string): NotebookView {
  return {
    [jupyterDisplay]: async ({ live = false } = {}) => ({
      "application/vnd.plotly.v1+json": {
        data: figure.data,
        layout: { ...figure.layout, paper_bgcolor: "#ffffff" },
      },
      ...live ? {} : { "image/png": (await figurePng(figure)).toBase64() },
      "text/plain": description,
    }),
  };
}

/**
 * A table: HTML, and text with aligned columns.
 *
 * @example
 * ```ts
 * import { jupyterDisplay, notebookTable } from "@hashigo/hashigo/notebook";
 * const view = notebookTable(["model", "accuracy"], [["student", "90.1"]]);
 * const shown = await view[jupyterDisplay]();
 * if (!shown["text/plain"].includes("student")) throw new Error("As text");
 * ```
 */
export function notebookTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): NotebookView {
  // Columns of numbers are aligned to the right, others to the left, each with its heading.
  const numeric = header.map((_, i) => rows.every((row) => /^([-+]?[\d.]|$)/.test(row[i] ?? "")));
  const side = (column: number) => `text-align:${numeric[column] ? "right" : "left"}`;
  const cells = (row: readonly string[], tag: "th" | "td") =>
    row.map((cell, i) =>
      tag === "th"
        ? html`<th style="${side(i)}">${cell}</th>`
        : html`<td style="${side(i)}">${cell}</td>`
    );
  const markup = html`
    <table>
      <thead>
        <tr>${cells(header, "th")}</tr>
      </thead>
      <tbody>${rows.map((row) => html`<tr>${cells(row, "td")}</tr>`)}</tbody>
    </table>
  `;
  return {
    [jupyterDisplay]: () =>
      Promise.resolve({ "text/html": markup.text, "text/plain": textTable(header, rows) }),
  };
}

/**
 * A picture.
 *
 * @param png Bytes of a PNG file.
 * @param description What the picture shows, in words.
 *
 * @example
 * ```ts
 * import { jupyterDisplay, notebookPicture } from "@hashigo/hashigo/notebook";
 * const shown = await notebookPicture(Uint8Array.of(1, 2, 3), "nothing")[jupyterDisplay]();
 * if (shown["image/png"] !== "AQID") throw new Error("Base64");
 * ```
 */
export function notebookPicture(png: Uint8Array, description: string): NotebookView {
  return {
    [jupyterDisplay]: () =>
      Promise.resolve({ "image/png": png.toBase64(), "text/plain": description }),
  };
}
