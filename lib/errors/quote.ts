/**
 * Quotes a name out of a file for a message: a hostile one can be megabytes long, and move the
 * cursor.
 *
 * @example
 * ```ts
 * import { quote } from "./quote.ts";
 * if (quote("a\nb") !== '"a?b"') throw new Error("Expected one line");
 * ```
 */
export function quote(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  // deno-lint-ignore no-control-regex
  return `"${short.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, "?")}"`;
}
