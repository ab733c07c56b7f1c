/** Figures as a notebook with the Deno kernel displays them. */
import type { Figure } from "./figure.ts";

/** What Deno's kernel asks a value for: the symbol that it has registered under this name. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display");

/** A value that a notebook cell shows, being its last expression or given to `Deno.jupyter.display`. */
export interface NotebookFigure {
  /** Contents by MIME type: plotly's, and words where nothing draws it. */
  [jupyterDisplay](): Record<string, unknown>;
}

/**
 * A figure of the report as a notebook cell shows it: drawn by JupyterLab and VS Code where plotly's
 * renderer is there, else told in words.
 *
 * @param description what the figure shows.
 *
 * @example
 * ```ts
 * import { alignmentFigure, jupyterDisplay, notebookFigure } from "@hashigo/hashigo";
 * const layers = [{ model: "a", layer: "features" }, { model: "b", layer: "features" }];
 * const models = [["a", "student"], ["b", "teacher"]] as const;
 * const figure = alignmentFigure({ models, alignment: { layers, values: [[1, 0.5], [0.5, 1]] } });
 * const shown = notebookFigure(figure, "CKA of two models")[jupyterDisplay]();
 * if (shown["text/plain"] !== "CKA of two models") throw new Error("In words");
 * ```
 */
export function notebookFigure(figure: Figure, description: string): NotebookFigure {
  return {
    [jupyterDisplay]: () => ({
      "application/vnd.plotly.v1+json": { data: figure.data, layout: figure.layout },
      "text/plain": description,
    }),
  };
}
