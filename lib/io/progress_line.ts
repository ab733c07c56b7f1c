/**
 * The progress of long work for people: one line that is drawn over in a terminal, plain lines every
 * few seconds elsewhere, and lines that stay.
 *
 * @module
 */
import { duration } from "./duration.ts";
import { bar, liveLines, standardError, type TerminalOutput } from "./terminal.ts";

/** How far a piece of long work has come. */
export interface Work {
  /** The work, for people: "packing digits.zip". */
  readonly stage: string;
  /** Pieces that are done. Default: they cannot be counted. */
  readonly done?: number | undefined;
  /** Pieces in all. Default: they cannot be counted. */
  readonly total?: number | undefined;
  /** What the pieces are: "images". Default: no word. */
  readonly unit?: string | undefined;
}

/** A state that takes the place of the one shown before it. */
export interface ShownState {
  /** Text that is drawn over: at most so many lines of at most so many characters. */
  live(columns: number, rows: number): string;
  /** Text for a line of a log. */
  plain(): string;
  /** Whether it is shown however recent the one before is. Default: false. */
  readonly urgent?: boolean | undefined;
}

/** Where a program shows how far it has come: a line, or a few. */
export interface ProgressLine {
  /** Writes a line that stays, such as a warning, without tearing the one that is drawn over. */
  notice(text: string): void;
  /** Shows how far work has come, with its rate and the time left once both are known. */
  work(work: Work): void;
  /** Shows any other state, unless the one before is too recent. */
  show(state: ShownState): void;
  /** Takes the line off the screen, so that something else may be written there. */
  clear(): void;
  /** Shows what was held back, leaves it there and goes to the next line. */
  end(): void;
}

/** Milliseconds between two states: in a terminal, and in a log. */
const pauses = { live: 100, plain: 5000 };

/**
 * The progress line of a program, on standard error unless another output is given.
 *
 * @param options now: a clock in milliseconds
 *
 * @example
 * ```ts
 * import { progressLine } from "./progress_line.ts";
 * const lines: string[] = [];
 * const output = { write: (text: string) => lines.push(text), isTerminal: false, columns: () => 80 };
 * const line = progressLine({ output });
 * line.work({ stage: "compiling" });
 * line.notice("warning: a.png is unreadable");
 * if (lines.join("") !== "compiling\nwarning: a.png is unreadable\n") throw new Error("Plain lines");
 * ```
 */
export function progressLine(
  options: {
    readonly output?: TerminalOutput | undefined;
    readonly now?: (() => number) | undefined;
  } = {},
): ProgressLine {
  const { output = standardError, now = () => performance.now() } = options;
  const line = liveLines(output);
  const pause = output.isTerminal ? pauses.live : pauses.plain;
  const clock = workClock();
  let shown = -Infinity;
  let held: ShownState | undefined;
  const draw = (state: ShownState) => {
    shown = now();
    held = undefined;
    if (!output.isTerminal) return output.write(`${state.plain()}\n`);
    // One column stays free: a full line would wrap in some terminals.
    line.draw(state.live(output.columns() - 1, (output.rows?.() ?? 24) - 1));
  };
  const show = (state: ShownState) => {
    held = state;
    if (state.urgent || now() - shown >= pause) draw(state);
  };
  return {
    show,
    work(work) {
      const { state, begins } = clock.at(work, now());
      // Counted work that takes a moment leaves no line in a log.
      if (begins && work.total !== undefined && !output.isTerminal) shown = now();
      show({ ...state, urgent: begins && (work.total === undefined || output.isTerminal) });
    },
    notice(text) {
      const redraw = line.shown;
      line.clear();
      output.write(`${text}\n`);
      if (redraw && held !== undefined) draw(held);
    },
    clear: () => line.clear(),
    end() {
      if (held !== undefined && line.shown) draw(held);
      held = undefined;
      line.end();
    },
  };
}

/** Rate and time left of one stage after another. */
function workClock() {
  let stage = "";
  let [begun, first] = [0, 0];
  return {
    at(work: Work, now: number): { state: ShownState; begins: boolean } {
      const begins = work.stage !== stage;
      if (begins) [stage, begun, first] = [work.stage, now, work.done ?? 0];
      const state = workState(work, { seconds: (now - begun) / 1000, first });
      return { state, begins };
    },
  };
}

/** Pieces that must be done before their rate says anything of those that are left. */
const tellingPieces = 5;

/**
 * The state of a piece of work.
 *
 * @param since seconds since it was first shown, and the pieces that were done by then
 */
export function workState(
  { stage, done, total, unit }: Work,
  since: { readonly seconds: number; readonly first: number },
): ShownState {
  if (done === undefined || total === undefined) {
    return { live: (columns) => cut(stage, columns), plain: () => stage };
  }
  const number = (value: number) => value.toLocaleString("en-US");
  const noun = unit === undefined ? "" : ` ${unit}`;
  const parts = [`${number(done)} of ${number(total)}${noun}`];
  const rate = (done - since.first) / since.seconds;
  if (done - since.first >= tellingPieces && since.seconds > 0) {
    if (unit !== undefined) parts.push(`${rate.toFixed(rate < 10 ? 1 : 0)} ${unit}/s`);
    if (done < total) parts.push(`${duration((total - done) / rate)} left`);
  }
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const percent = `${Math.floor(100 * share)}%`.padStart(4);
  return {
    live: (columns) => fit(`${percent} ${bar(share, 16)}  ${stage}`, parts, columns),
    plain: () => [`${stage}: ${parts[0]}`, ...parts.slice(1)].join(", "),
  };
}

/** A line of at most `columns` characters; parts that find no room are left out. */
function fit(head: string, parts: readonly string[], columns: number): string {
  let line = cut(head, columns);
  for (const part of parts) {
    if (line.length + 2 + part.length <= columns) line += `  ${part}`;
  }
  return line;
}

function cut(text: string, columns: number): string {
  return text.slice(0, Math.max(0, columns));
}
