/** What a notebook with the Deno kernel displays, and how nothing of it is lost. */
import { kernelHere, type NotebookKernel } from "../../process/jupyter_kernel.ts";
import type { Figure } from "../figures/figure.ts";
import { figurePng } from "../figures/figure_picture.ts";
import { html } from "../page/html.ts";
import { textTable } from "../tables/tables.ts";

/** What Deno's kernel asks a value for: the symbol that it has registered under this name. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display");

/** Contents by MIME type; whoever shows it takes the richest that it can draw. `text/plain` is always there. */
export type NotebookBundle = { readonly "text/plain": string; readonly [type: string]: unknown };

/** A value that a notebook cell shows, being its last expression or given to {@linkcode show}. */
export interface NotebookView {
  /** Contents by MIME type. */
  [jupyterDisplay](): Promise<NotebookBundle>;
}

/**
 * A figure: plotly's own type for JupyterLab and VS Code, a PNG for GitHub and nbconvert, words for the rest.
 *
 * @param description what the figure shows, in words.
 *
 * @example
 * ```ts
 * import { alignmentFigure, jupyterDisplay, notebookFigure } from "@hashigo/hashigo";
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
    [jupyterDisplay]: async () => ({
      "application/vnd.plotly.v1+json": { data: figure.data, layout: figure.layout },
      "image/png": (await figurePng(figure)).toBase64(),
      "text/plain": description,
    }),
  };
}

/**
 * A table: HTML, and text with columns in line.
 *
 * @example
 * ```ts
 * import { jupyterDisplay, notebookTable } from "@hashigo/hashigo";
 * const view = notebookTable(["model", "accuracy"], [["student", "90.1"]]);
 * const shown = await view[jupyterDisplay]();
 * if (!shown["text/plain"].includes("student")) throw new Error("As text");
 * ```
 */
export function notebookTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): NotebookView {
  // Numbers to the right, words to the left; a heading goes with the column below it.
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
 * @param png its bytes
 * @param description what it shows, in words.
 *
 * @example
 * ```ts
 * import { jupyterDisplay, notebookPicture } from "@hashigo/hashigo";
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

/**
 * Shows a view, or a line of text, and waits until it has left the kernel: Deno's kernel may call a cell
 * finished before its last output is out, which is then lost. Outside a notebook the text is printed.
 *
 * @example
 * ```ts ignore
 * import { notebookTable, show } from "@hashigo/hashigo";
 * await show(notebookTable(["model", "accuracy"], [["student", "90.1"]]));
 * ```
 */
export async function show(view: NotebookView | string): Promise<void> {
  const bundle = typeof view === "string" ? { "text/plain": view } : await view[jupyterDisplay]();
  await display(kernelHere(), bundle);
}

/** One output of a cell that is shown again and again while something goes on. */
export interface LiveView {
  /** Shows the view in the place of the last, at most twice a second and in a tenth of the time. */
  update(view: () => NotebookView): Promise<void>;
  /** Shows the last view in any case. */
  end(view: () => NotebookView): Promise<void>;
}

/**
 * Opens an output that is updated in its place, such as the curves of a run. Outside a notebook only the
 * last view is printed.
 *
 * @param name different for each output of a notebook
 * @param options kernel: default that of this notebook, if any; now: milliseconds, default `performance.now`
 *
 * @example
 * ```ts ignore
 * import { distill, lossFigure, liveView, notebookFigure, type StepReport } from "@hashigo/hashigo";
 * const reports: StepReport[] = [];
 * const live = liveView("losses");
 * const curves = () => notebookFigure(lossFigure(reports), "Losses by teacher");
 * for await (const report of distill(recipe)) {
 *   reports.push(report);
 *   await live.update(curves);
 * }
 * await live.end(curves);
 * ```
 */
export function liveView(
  name: string,
  options: { readonly kernel?: NotebookKernel; readonly now?: () => number } = {},
): LiveView {
  const { kernel = kernelHere(), now = () => performance.now() } = options;
  let shown = false;
  let next = -Infinity;
  const put = async (view: () => NotebookView) => {
    const begun = now();
    await display(kernel, await view()[jupyterDisplay](), { display_id: name, update: shown });
    shown = true;
    // Pictures take time, which the run shall have.
    next = now() + Math.max(500, 9 * (now() - begun));
  };
  return {
    async update(view) {
      if (kernel !== undefined && now() >= next) await put(view);
    },
    end: put,
  };
}

async function display(
  kernel: NotebookKernel | undefined,
  bundle: NotebookBundle,
  options: Record<string, unknown> = {},
): Promise<void> {
  if (kernel === undefined) return console.log(bundle["text/plain"]);
  await kernel.display(bundle, { raw: true, ...options });
  // A turn of the timers: what was queued before it is out after it.
  await new Promise((resolve) => setTimeout(resolve, 20));
}

/**
 * How long a notebook goes on: `full`, or `short` where `HASHIGO_SHORT` is set, as `deno task notebooks
 * --short` does.
 *
 * @example
 * ```ts
 * import { notebookSteps } from "@hashigo/hashigo";
 * const steps = notebookSteps(600, 12);
 * if (steps !== 600 && steps !== 12) throw new Error("One of the two");
 * ```
 */
export function notebookSteps(full: number, short: number): number {
  return Deno.env.get("HASHIGO_SHORT") ? short : full;
}
