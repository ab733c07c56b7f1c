/** Tables for spreadsheets. */

/**
 * Comma-separated values; cells with commas, quotes or line breaks are quoted.
 *
 * @example
 * ```ts
 * import { csvTable } from "./csv_table.ts";
 * const text = csvTable(["model", "score"], [["a, b", "1"]]);
 * if (text !== 'model,score\n"a, b",1\n') throw new Error("Not quoted");
 * ```
 */
export function csvTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return [header, ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
}
