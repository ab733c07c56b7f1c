/** HTML in which everything from outside is escaped unless it was made here. */

/** Text that is HTML already. */
export class Markup {
  /** Takes HTML, not text. */
  constructor(
    /** The HTML. */
    readonly text: string,
  ) {}
}

/** What may be inserted. */
export type Part = Markup | string | number | undefined | readonly Part[];

/**
 * Template tag: inserted texts and numbers are escaped, inserted {@linkcode Markup} and lists of it
 * stay as they are, undefined is nothing.
 *
 * @example
 * ```ts
 * import { html } from "@hashigo/hashigo";
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

/** Text for elements and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}

/** JSON inside a script element, where `<` could end the element. */
export function jsonScript(id: string, value: unknown): Markup {
  const text = JSON.stringify(value).replaceAll("<", "\\u003c");
  return new Markup(`<script type="application/json" id="${escapeHtml(id)}">${text}</script>`);
}
