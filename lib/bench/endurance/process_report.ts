/** What `torture --processes` says of its trials, and keeps. */
import { processorText, recordJson, recordLines, today } from "../../cli/recording.ts";
import { duration } from "../../io/duration.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { silenceSeconds } from "./process_ranks.ts";
import type { ProcessTrial } from "./process_trials.ts";

/**
 * Shows trials, and keeps them where that is asked for.
 *
 * @returns the exit status: 0 where every fault was survived and nothing was lost
 */
export async function reportProcesses(
  trials: readonly ProcessTrial[],
  { say, emit, seconds, command, record }: {
    readonly say: (line: string) => void;
    readonly emit: (value: unknown) => void;
    readonly seconds: number;
    readonly command: string;
    readonly record: boolean;
  },
): Promise<0 | 1> {
  const lines = [
    textTable(
      ["trial", "injected", "survived", "lost", "runs", "slowest end"],
      trials.map(({ name, injected, survived, lost, runs, slowestSeconds }) => [
        name,
        ...[injected, survived, lost, runs].map(String),
        `${slowestSeconds.toFixed(1)} s`,
      ]),
    ),
    `silence counts as a fault after ${silenceSeconds} s; ${processorText()}, ` +
    duration(seconds),
  ];
  for (const line of lines) say(line);
  emit(trials);
  if (record) {
    await recordJson("torture_processes", { trials, silenceSeconds, date: today() });
    await recordLines("torture_processes", lines, command);
  }
  return trials.every(({ survived, injected, lost }) => survived === injected && lost === 0)
    ? 0
    : 1;
}
