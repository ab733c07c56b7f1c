/** Tables for documents. */

/**
 * A Markdown table whose first column is aligned to the left, numbers to the right.
 *
 * @param left titles of other columns of words.
 *
 * @example
 * ```ts
 * import { markdownTable } from "@hashigo/hashigo";
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
