/** `mutants`: whether the tests notice changes of single places in the code. */
import { duration } from "../../../io/duration.ts";
import { UserError } from "../../../errors/user_error.ts";
import { checkoutPath } from "../../checkout.ts";
import { defineCommand, UsageError } from "../../command.ts";
import { machine, processorName, recordJson, recordLines, today } from "../../recording.ts";
import {
  chooseMutants,
  type Mutant,
  mutantFaults,
  mutantsFolder,
  readMutants,
  roomOf,
} from "./mutant_list.ts";
import { openProgress, type TriedMutant } from "./mutant_progress.ts";
import { mutantLines, unexplained } from "./mutant_report.ts";
import { tryMutants } from "./mutant_queue.ts";

/** The command, as a value. */
export const mutants = defineCommand({
  name: "mutants",
  group: "maintain",
  summary: "Changes single lines in a copy, and says which changes the tests do not notice",
  details:
    `The changes are in ${mutantsFolder}, by room, each with its tests. Each is made in a copy of the\n` +
    "repository, where a test must fail: the change is killed. What lives shows a test that cannot fail,\n" +
    "unless the list explains why it is equivalent. What was tried before an interrupt is not repeated.",
  example: "--room method",
  options: {
    room: { type: "list", value: "ROOM", summary: "only changes of a room, such as method" },
    only: { type: "list", value: "NAME", commas: "kept", summary: "only the change of this name" },
    processes: { type: "number", value: "N", summary: "changes tried side by side, default 2" },
    again: { type: "flag", summary: "also tries what was tried before with the same code" },
    record: { type: "flag", summary: "also keeps the result in data/results" },
  },
  interrupt: "signal",
  run: async ({ options, say, progress, work, emit, signal }) => {
    const { room, only, processes = 2, again, record } = options;
    if (!Number.isInteger(processes) || processes < 1) {
      throw new UsageError(`Found --processes ${processes}, expected a whole number from 1`);
    }
    if (record && room.length + only.length > 0) {
      throw new UsageError("Found --record with --room or --only, expected all changes");
    }
    const root = checkoutPath();
    const chosen = chooseMutants(await readMutants(root), { rooms: room, names: only });
    await refuseFaults(chosen, root);
    const begun = performance.now();
    const kept = await openProgress(root, again);
    const tried = new Map<Mutant, TriedMutant>();
    await tryMutants(chosen, {
      root,
      processes,
      signal,
      progress,
      work,
      known: (mutant) => kept.find(mutant),
      onTried: async (mutant, result) => {
        tried.set(mutant, result);
        await kept.add(mutant, result);
      },
      onKnown: (mutant, result) => tried.set(mutant, result),
    });
    const seconds = (performance.now() - begun) / 1000;
    const lines = mutantLines(chosen, tried);
    const closing = [
      `${processorName()}, ${machine()}, ${processes} processes, ${duration(seconds)}`,
      lines.summary,
    ];
    for (const line of [...lines.details, ...closing]) say(line);
    for (const mutant of chosen) emit(resultOf(mutant, tried));
    if (record) {
      await recordJson("mutants", {
        date: today(),
        seconds: Math.round(seconds),
        mutants: chosen.map((mutant) => resultOf(mutant, tried)),
      });
      await recordLines("mutants", [...lines.details, ...closing], "deno task mutants --record");
    }
    return unexplained(chosen, tried).length === 0 ? 0 : 1;
  },
});

async function refuseFaults(chosen: readonly Mutant[], root: string): Promise<void> {
  const faults = await mutantFaults(chosen, root);
  if (faults.length === 0) return;
  throw new UserError(
    `Cannot make ${faults.length} of ${chosen.length} changes:\n  ${faults.join("\n  ")}\n` +
      `Correct ${mutantsFolder}`,
  );
}

function resultOf(mutant: Mutant, tried: ReadonlyMap<Mutant, TriedMutant>) {
  const { outcome, seconds = 0 } = tried.get(mutant) ?? {};
  return {
    name: mutant.name,
    room: roomOf(mutant),
    file: mutant.file,
    outcome,
    seconds: Math.round(10 * seconds) / 10,
    equivalent: mutant.equivalent,
  };
}
