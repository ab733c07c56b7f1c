/** Tables for terminals. */

/**
 * Columns in line, a rule below the header: columns of words to the left, the others to the right.
 *
 * @param words positions of the columns of words, from 0; default the first
 * @example
 * ```ts
 * import { textTable } from "./text_table.ts";
 * const text = textTable(["model", "score"], [["student", "90.1"], ["pixels", "7.5"]]);
 * if (text.split("\n")[2] !== "student   90.1") throw new Error("Not aligned");
 * ```
 */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  words: readonly number[] = [0],
): string {
  const widths = header.map((title, i) =>
    Math.max(...[title, ...rows.map((row) => row[i] ?? "")].map(displayWidth))
  );
  const line = (cells: readonly string[]) =>
    widths.map((width, i) => {
      const gap = " ".repeat(width - displayWidth(cells[i] ?? ""));
      return words.includes(i) ? (cells[i] ?? "") + gap : gap + (cells[i] ?? "");
    }).join("  ").trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("──");
  return [line(header), rule, ...rows.map(line)].join("\n");
}

/** Columns that a text fills in a terminal: letters of East Asia fill two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text) {
    width += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/.test(letter)
      ? 2
      : 1;
  }
  return width;
}
