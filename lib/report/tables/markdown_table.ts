/** Tables for documents. */

/**
 * A Markdown table: the first column is aligned to the left, the others to the right.
 *
 * @param left Titles of further columns that are aligned to the left, such as those of words.
 *
 * @example
 * ```ts
 * import { markdownTable } from "./markdown_table.ts";
 * const text = markdownTable(["model", "score"], [["student", "90.1"]]);
 * if (text !== "| model | score |\n| --- | ---: |\n| student | 90.1 |") throw new Error("Three lines");
 * ```
 */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  left: readonly string[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = header.map((title, i) => i === 0 || left.includes(title) ? "---" : "---:");
  return [header, rule, ...rows].map(line).join("\n");
}

/** Text in bold, in Markdown. */
export function bold(text: string): string {
  return `**${text}**`;
}
