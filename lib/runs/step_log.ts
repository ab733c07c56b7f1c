/** `log.jsonl`: one line per update, only ever added to. */
import { UserError } from "../errors/user_error.ts";
import { appendSync, readAt } from "../io/positioned_file.ts";
import { readTextIfThere } from "../io/text_file.ts";
import type { StepReport } from "./step_report.ts";
import { stepReportSchema } from "./step_report.ts";

/** A log that is open for writing. */
export interface RunLog {
  /** Adds one line and hands it to the system, so that a killed process loses nothing. */
  append(report: StepReport): void;
  /** Flushes to the disk; called before a checkpoint, so that no power cut tears them apart. */
  flush(): void;
  /** May be called again. */
  close(): void;
  /** Closes it at the end of a `using` block. */
  [Symbol.dispose](): void;
}

/**
 * Opens a log for adding. Of an older log the lines after the resumed update are cut off, and so is
 * a last line that was torn when the process was killed.
 *
 * @param options after: the update that the run goes on from; default 0, an empty log.
 * @throws {UserError} where a line before the cut cannot be read.
 *
 * @example
 * ```ts ignore
 * using log = await openLog("runs/digits/log.jsonl", { after: 100 });
 * for await (const report of distill(options)) log.append(report);
 * ```
 */
export async function openLog(
  path: string,
  options: { readonly after?: number | undefined } = {},
): Promise<RunLog> {
  const { after = 0 } = options;
  const text = await readTextIfThere(path) ?? "";
  let kept = 0;
  for (const { report, end } of wholeLines(text, path)) {
    if (report.step > after) break;
    kept = end;
  }
  const file = await Deno.open(path, { create: true, write: true });
  await file.truncate(new TextEncoder().encode(text.slice(0, kept)).length);
  await file.seek(0, Deno.SeekMode.End);
  let open = true;
  const close = () => {
    if (open) file.close();
    open = false;
  };
  return {
    append(report) {
      appendSync(file, new TextEncoder().encode(JSON.stringify(report) + "\n"));
    },
    flush: () => file.syncSync(),
    close,
    [Symbol.dispose]: close,
  };
}

/**
 * Reads a log, also of a run that is still going: a torn last line is left out.
 *
 * @throws {UserError} where there is no log, or a line that is not the last cannot be read.
 *
 * @example
 * ```ts ignore
 * const reports = await readLog("runs/digits/log.jsonl");
 * console.log(reports.at(-1)?.loss);
 * ```
 */
export async function readLog(path: string): Promise<StepReport[]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UserError(
      `Cannot read the log "${path}": no such file. Give the folder of a run that has begun.`,
    );
  });
  return [...wholeLines(text, path)].map(({ report }) => report);
}

/** Bytes at the end of a log that surely hold a whole line. */
const tailBytes = 1 << 18;

/** The last report of a log, without reading what is before; undefined where there is none. */
export async function lastReport(path: string): Promise<StepReport | undefined> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const tail = new Uint8Array(Math.min(size, tailBytes));
    readAt(file, size - tail.length, tail);
    for (const line of new TextDecoder().decode(tail).split("\n").reverse()) {
      const report = parseLine(line);
      if (report !== undefined) return report;
    }
    return undefined;
  } catch {
    return undefined;
  }
}

/** Lines that end in a newline and parse; `end` counts characters. */
function* wholeLines(text: string, path: string) {
  let start = 0;
  for (let line = 1; start < text.length; line++) {
    const newline = text.indexOf("\n", start);
    if (newline < 0) return;
    const report = parseLine(text.slice(start, newline));
    start = newline + 1;
    if (report === undefined) {
      // A block of the last write may be lost although its newline is not.
      if (start === text.length) return;
      throw new UserError(
        `Cannot read the log "${path}": line ${line} is not the report of an update. ` +
          "Mend or remove that line, or start again in another folder.",
      );
    }
    yield { report, end: start };
  }
}

function parseLine(line: string): StepReport | undefined {
  try {
    return stepReportSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
