/** Progress of a run for people: one live line in a terminal, plain lines elsewhere. */
import { type ProgressLine, progressLine, type Work } from "../io/progress_line.ts";
import { bar, type TerminalOutput } from "../io/terminal.ts";
import { duration } from "../io/duration.ts";
import type { StepReport } from "../runs/step_report.ts";

/** Progress of one run. */
export interface Progress {
  /** Shows an update, unless the one before is too recent. */
  report(report: StepReport): void;
  /** Writes a line of its own, such as a warning, without tearing the live line. */
  note(line: string): void;
  /** Shows how far other work has come: images that are packed, a step that is compiled. */
  work(work: Work): void;
  /** Leaves the last state on the screen and ends the live line. */
  end(): void;
}

/**
 * Shows a run: ten times a second in a terminal, every five seconds without one, and always its
 * last update.
 *
 * @param options line: the line to show it in, which others may use too
 *
 * @example
 * ```ts
 * import { showProgress } from "./progress.ts";
 * const lines: string[] = [];
 * const output = { write: (text: string) => lines.push(text), isTerminal: false, columns: () => 80 };
 * showProgress({ output }).note("4 teachers loaded");
 * if (lines[0] !== "4 teachers loaded\n") throw new Error("Notes are plain lines");
 * ```
 */
export function showProgress(
  options: {
    readonly output?: TerminalOutput | undefined;
    readonly now?: (() => number) | undefined;
    readonly line?: ProgressLine | undefined;
  } = {},
): Progress {
  const { line = progressLine(options) } = options;
  let [first, urgent] = [true, false];
  let latest: StepReport | undefined;
  const show = (report: StepReport) =>
    line.show({
      live: (columns) => {
        latest = undefined;
        return fittedLine(report, columns);
      },
      plain: () => {
        latest = undefined;
        return plainLine(report);
      },
      urgent,
    });
  return {
    report(report) {
      latest = report;
      // The first takes the place of "compiling", the last is the result.
      urgent = first || report.step === report.steps;
      first = false;
      show(report);
    },
    note: (text) => line.notice(text),
    work: (work) => line.work(work),
    end() {
      urgent = true;
      if (latest) show(latest);
      line.end();
    },
  };
}

/** The state of a run in at most `columns` characters; less important parts are left out first. */
export function fittedLine(report: StepReport, columns: number): string {
  const share = report.step / report.steps;
  const head = `${String(Math.floor(100 * share)).padStart(3)}%`;
  const parts = [
    `step ${report.step}/${report.steps}`,
    `loss ${report.loss.toFixed(3)}`,
    ...timeLeft(report),
    `${report.imagesPerSecond.toFixed(0)} images/s`,
    `kept ${formatShares(report)}`,
    `waiting ${percent(report.waitingShare)}`,
  ];
  const barWidth = 16;
  let line = `${head} ${bar(share, barWidth)}`;
  if (line.length > columns) return head.slice(0, Math.max(0, columns));
  for (const part of parts) {
    if (line.length + 2 + part.length > columns) continue;
    line += `  ${part}`;
  }
  return line;
}

/** The state of a run in full, for a log file. */
export function plainLine(report: StepReport): string {
  return [
    `step ${report.step}/${report.steps}`,
    `loss ${report.loss.toFixed(4)}`,
    `kept ${formatShares(report)}`,
    `${report.imagesPerSecond.toFixed(0)} images/s`,
    `waiting ${percent(report.waitingShare)}`,
    [`${duration(report.seconds)} gone`, ...timeLeft(report)].join(", "),
  ].join("  ");
}

/** Nothing while the steps so far do not tell. */
function timeLeft({ secondsLeft }: StepReport): string[] {
  return Number.isFinite(secondsLeft) ? [`${duration(secondsLeft)} left`] : [];
}

function formatShares({ shares }: StepReport): string {
  return Object.entries(shares).map(([name, share]) => `${name} ${percent(share)}`).join(
    " ",
  );
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(100 * share)}%` : "?";
}
