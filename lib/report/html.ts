/** HTML in which inserted text is escaped, and inserted HTML is not. */

/** Text that is HTML already. */
export class Markup {
  /** Wraps HTML, not text. */
  constructor(
    /** The HTML. */
    readonly text: string,
  ) {}
}

/** A value that may be inserted into HTML. */
export type Part = Markup | string | number | undefined | readonly Part[];

/**
 * Template tag: inserted texts and numbers are escaped, inserted {@linkcode Markup} and lists of it
 * stay as they are, undefined is left out.
 *
 * @example
 * ```ts
 * import { html } from "./html.ts";
 * const { text } = html`<b>${"<script>"}</b>`;
 * if (text !== "<b>&lt;script&gt;</b>") throw new Error("Not escaped");
 * ```
 */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return new Markup(
    pieces.map((piece, i) => piece + (i < parts.length ? render(parts[i]) : "")).join(""),
  );
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Markup) return part.text;
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return part.map(render).join("");
}

/** Text escaped for elements and quoted attributes. */
function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/** A script element with JSON in it, whose `<` are escaped, since they could end the element. */
export function jsonScript(id: string, value: unknown): Markup {
  const text = JSON.stringify(value).replaceAll("<", "\\u003c");
  return new Markup(`<script type="application/json" id="${escapeHtml(id)}">${text}</script>`);
}
