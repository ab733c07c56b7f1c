/** Progress of a run for people: a block that is drawn over in a terminal, plain lines elsewhere. */
import { type ProgressLine, progressLine, type Work } from "../io/progress_line.ts";
import { bar, type TerminalOutput } from "../io/terminal.ts";
import { duration } from "../io/duration.ts";
import type { StepReport } from "../runs/step_report.ts";

/** Progress of one run. */
export interface Progress {
  /** Shows an update, unless the one before is too recent. */
  report(report: StepReport): void;
  /** Writes a line of its own, such as a warning, without tearing the block. */
  note(line: string): void;
  /** Shows how far other work has come: images that are packed, a step that is compiled. */
  work(work: Work): void;
  /** Leaves the last state on the screen. */
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
      live: (columns, rows) => {
        latest = undefined;
        return progressBlock(report, { columns, rows });
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

/**
 * The state of a run: a line of the whole, and one of each teacher's loss and kept share, where they fit.
 *
 * @example
 * ```ts
 * import { progressBlock } from "./progress.ts";
 * const report = {
 *   ...{ step: 5, steps: 10, epoch: 1, images: 320, loss: 0.25, learningRate: 1e-3, gradientNorm: 1 },
 *   ...{ standardizerWeight: 1, imagesPerSecond: 80, waitingShare: 0, seconds: 4, secondsLeft: 4 },
 *   losses: { birds: { total: 0.25 } },
 *   shares: { birds: 1 },
 * };
 * const [whole, birds] = progressBlock(report, { columns: 80, rows: 24 }).split("\n");
 * if (!whole!.includes("step 5/10") || !birds!.includes("loss 0.250")) throw new Error("Two lines");
 * ```
 */
export function progressBlock(
  report: StepReport,
  { columns, rows }: { readonly columns: number; readonly rows: number },
): string {
  const names = Object.keys(report.shares);
  const width = Math.max(...names.map(columnsOf));
  const teachers = names.map((name) => {
    const share = report.shares[name]!, loss = report.losses[name]?.total;
    const words = [
      `     ${name}${" ".repeat(width - columnsOf(name))}`,
      `loss ${loss === undefined ? "  –  " : loss.toFixed(3)}`,
      `kept ${percent(share).padStart(4)} ${bar(share, barWidth)}`,
    ];
    return words.join("  ");
  });
  const fits = teachers.length < rows && teachers.every((line) => columnsOf(line) <= columns);
  if (!fits) return fittedLine(report, columns, [`kept ${formatShares(report)}`]);
  return [fittedLine(report, columns), ...teachers].join("\n");
}

const barWidth = 16;

/** Columns that a text takes in a terminal: wide characters take two. */
function columnsOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (character > "\u2e80" ? 2 : 1), 0);
}

/** The whole of a run in at most `columns` characters; less important parts are left out first. */
function fittedLine(report: StepReport, columns: number, others: readonly string[] = []): string {
  const share = report.step / report.steps;
  const head = `${String(Math.floor(100 * share)).padStart(3)}%`;
  const parts = [
    ...stageOf(report),
    `step ${report.step}/${report.steps}`,
    `loss ${report.loss.toFixed(3)}`,
    ...timeLeft(report),
    `${report.imagesPerSecond.toFixed(0)} images/s`,
    ...others,
    `waiting ${percent(report.waitingShare)}`,
  ];
  let line = `${head} ${bar(share, barWidth)}`;
  if (line.length > columns) return head.slice(0, Math.max(0, columns));
  for (const part of parts) {
    if (columnsOf(line) + 2 + columnsOf(part) > columns) continue;
    line += `  ${part}`;
  }
  return line;
}

/** The state of a run in full, for a log file. */
export function plainLine(report: StepReport): string {
  return [
    ...stageOf(report),
    `step ${report.step}/${report.steps}`,
    `loss ${report.loss.toFixed(4)}${formatLosses(report)}`,
    `kept ${formatShares(report)}`,
    `${report.imagesPerSecond.toFixed(0)} images/s`,
    `waiting ${percent(report.waitingShare)}`,
    [`${duration(report.seconds)} gone`, ...timeLeft(report)].join(", "),
  ].join("  ");
}

function stageOf({ stage }: StepReport): string[] {
  return stage === undefined ? [] : [`stage ${stage}`];
}

/** Nothing while the steps so far do not tell. */
function timeLeft({ secondsLeft }: StepReport): string[] {
  return Number.isFinite(secondsLeft) ? [`${duration(secondsLeft)} left`] : [];
}

/** Of each teacher that counts; empty where there is one. */
function formatLosses({ losses }: StepReport): string {
  const all = Object.entries(losses);
  if (all.length < 2) return "";
  return ` (${all.map(([name, { total }]) => `${name} ${total.toFixed(3)}`).join(", ")})`;
}

function formatShares({ shares }: StepReport): string {
  return Object.entries(shares).map(([name, share]) => `${name} ${percent(share)}`).join(
    " ",
  );
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${Math.round(100 * share)}%` : "?";
}
