/** The benches of what is chosen before a run: its options and its teachers. */
import { quality } from "../../recipes/quality.ts";
import { selectionProofs } from "../../recipes/selection.ts";
import { machine, resultsFolder, today } from "../cli/recording.ts";
import { startEngine } from "../engine/backend.ts";
import type { Work } from "../io/progress_line.ts";
import { listenForInterrupts } from "../process/interrupts.ts";
import { minutesOf, repeatsOf } from "./bench_arguments.ts";
import { benchQuality } from "./quality/bench_quality.ts";
import { qualityTable } from "./quality/quality_table.ts";
import { continueQuality, recordQuality } from "./quality/record_quality.ts";
import { benchSelect } from "./selection/bench_select.ts";
import { recordSelect } from "./selection/record_select.ts";
import { selectTable } from "./selection/select_table.ts";

/** Outcome of a bench that keeps its own record. */
interface ChoiceOutcome {
  readonly result: unknown;
  readonly lines: readonly string[];
  readonly record: () => Promise<void>;
}

/** What these benches read of an invocation. */
type ChoiceInvocation = {
  readonly progress: (line: string) => void;
  readonly work: (work: Work) => void;
  readonly options: {
    readonly minutes: readonly string[];
    readonly seeds?: number | undefined;
    readonly options: readonly string[];
    readonly validate: boolean;
    readonly "plan-only": boolean;
    readonly runs?: string | undefined;
  };
};

/** By name. */
export const choiceBenches: {
  readonly [name: string]: (invocation: ChoiceInvocation) => Promise<ChoiceOutcome>;
} = {
  async quality({ options, progress, work }) {
    const { validate, seeds = 3, runs = "runs/quality", "plan-only": planOnly } = options;
    const minutes = minutesOf(options.minutes);
    const request = {
      minutes,
      seeds: repeatsOf(seeds, 3, "seeds"),
      validate,
      options: options.options,
      planOnly,
    };
    const folder = `${resultsFolder()}/quality`;
    if (await continueQuality({ folder, runs })) progress(`${runs} goes on from ${folder}`);
    using interrupts = listenForInterrupts();
    const { signal } = interrupts;
    signal.addEventListener("abort", () => progress("stopping; another interrupt ends it at once"));
    const measured = await benchQuality(quality, request, {
      ...{ runs, signal, onProgress: progress, onWork: work },
      stamp: { date: today(), machine: machine() },
    });
    const { plan, outcome, finished } = measured;
    const lines = qualityTable(quality, outcome, plan);
    const way = validate ? " --validate" : "";
    const command = `deno task bench quality${way} --minutes ${minutes} --seeds ${seeds} --record`;
    return {
      result: outcome.results,
      lines: finished ? lines : [...lines, unfinished(planOnly)],
      // What was measured before it was stopped is kept, too.
      record: () => recordQuality(quality, measured, { folder, runs, command }),
    };
  },
  async select({ progress, work }) {
    await startEngine();
    const shown = { onProgress: progress, onWork: work };
    const result = await benchSelect(selectionProofs, { results: resultsFolder(), ...shown });
    const lines = selectTable(result), command = "deno task bench select --record";
    return { result, lines, record: () => recordSelect(result, resultsFolder(), command) };
  },
};

/** What to do where not all rows of quality were measured. */
function unfinished(planOnly: boolean): string {
  return planOnly
    ? "planned; the same command without --plan-only measures it"
    : "stopped; the same command resumes it";
}
