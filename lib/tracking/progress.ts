/** Progress of a run for people: one live line in a terminal, plain lines elsewhere. */
import { bar, liveLine, standardError, type TerminalOutput } from "../io/terminal.ts";
import { duration } from "../io/duration.ts";
import type { StepReport } from "../runs/step_report.ts";

/** Progress of one run. */
export interface Progress {
  /** Shows an update, unless the one before is too recent. */
  report(report: StepReport): void;
  /** Writes a line of its own, such as a warning, without tearing the live line. */
  note(line: string): void;
  /** Leaves the last state on the screen and ends the live line. */
  end(): void;
}

/**
 * Shows a run: ten times a second in a terminal, every five seconds without one, and always its
 * last update.
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
  } = {},
): Progress {
  const { output = standardError, now = () => performance.now() } = options;
  const pause = output.isTerminal ? 100 : 5000;
  let shown = -Infinity;
  let latest: StepReport | undefined;
  const line = liveLine(output);
  const show = (report: StepReport) => {
    shown = now();
    latest = undefined;
    if (!output.isTerminal) return output.write(`${plainLine(report)}\n`);
    // One column stays free: a full line would wrap in some terminals.
    line.draw(fittedLine(report, output.columns() - 1));
  };
  return {
    report(report) {
      latest = report;
      if (now() - shown >= pause || report.step === report.steps) show(report);
    },
    note(text) {
      const redraw = line.shown;
      line.clear();
      output.write(`${text}\n`);
      if (redraw && latest) show(latest);
    },
    end() {
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
    `${duration(report.secondsLeft)} left`,
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
    `${duration(report.seconds)} gone, ${duration(report.secondsLeft)} left`,
  ].join("  ");
}

function formatShares({ shares }: StepReport): string {
  return Object.entries(shares).map(([name, share]) => `${name} ${percent(share)}`).join(
    " ",
  );
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(100 * share)}%` : "?";
}
