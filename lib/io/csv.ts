/**
 * Tables as text: comma-separated values, with quotes and any line ends.
 *
 * @module
 */

/** How {@linkcode csvLines} reads. */
export interface CsvOptions {
  /** Most cells, so that no text takes long. */
  readonly most: number;
  /** Between cells. Default: a comma. */
  readonly delimiter?: string | undefined;
  /** Makes the error for text that is no table. */
  readonly refuse: (found: string) => Error;
}

/**
 * Cells by line, without empty lines. A cell in quotes may hold delimiters, line breaks and doubled
 * quotes; others are trimmed. A byte order mark is passed over; lines end in LF, CRLF or CR.
 *
 * @example
 * ```ts
 * import { csvLines } from "./csv.ts";
 * const refuse = (found: string) => new Error(found);
 * const lines = csvLines('\ufeffimage,label\r\n"a,b.png",cat\r\n', { most: 4, refuse });
 * if (JSON.stringify(lines) !== '[["image","label"],["a,b.png","cat"]]') throw new Error("2 lines");
 * ```
 */
export function csvLines(text: string, options: CsvOptions): string[][] {
  const { most, delimiter = ",", refuse } = options;
  const lines: string[][] = [];
  let [line, count]: [string[], number] = [[], 0];
  for (let from = text.startsWith("\ufeff") ? 1 : 0; from < text.length;) {
    const { cell, end } = nextCell(text, from, delimiter, refuse);
    if (line.push(cell) > most) throw refuse(`it has more than ${most} cells`);
    from = end + 1;
    if (text[end] === delimiter) {
      if (from < text.length) continue;
      line.push("");
    } else if (text[end] === "\r" && text[from] === "\n") from++;
    if (line.length > 1 || line[0] !== "") {
      count += line.length;
      lines.push(line);
    }
    if (count > most) throw refuse(`it has more than ${most} cells`);
    line = [];
  }
  return lines;
}

/** The cell that begins at `from`, and where the delimiter or line break after it is. */
function nextCell(
  text: string,
  from: number,
  delimiter: string,
  refuse: (found: string) => Error,
): { cell: string; end: number } {
  let begin = from;
  while (text[begin] === " " || text[begin] === "\t" && delimiter !== "\t") begin++;
  let close = begin;
  if (text[begin] === '"') {
    do close = text.indexOf('"', close + 1) + 1; while (close > 0 && text[close] === '"');
    if (close === 0) throw refuse(`the quotes of ${text.slice(begin, begin + 40)} are open`);
  }
  let end = close;
  while (end < text.length && text[end] !== delimiter && !"\n\r".includes(text[end]!)) end++;
  const rest = text.slice(close, end).trim();
  if (close === begin) return { cell: rest, end };
  const cell = text.slice(begin + 1, close - 1).replaceAll('""', '"');
  if (rest === "") return { cell, end };
  throw refuse(`"${rest.slice(0, 40)}" follows the quotes of "${cell.slice(0, 40)}"`);
}

/**
 * Comma-separated values; cells with commas, quotes or line breaks are quoted.
 *
 * @example
 * ```ts
 * import { csvTable } from "./csv.ts";
 * const text = csvTable(["model", "score"], [["a, b", "1"]]);
 * if (text !== 'model,score\n"a, b",1\n') throw new Error("Not quoted");
 * ```
 */
export function csvTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return [header, ...rows].map((row) => row.map(cell).join(",") + "\n").join("");
}
