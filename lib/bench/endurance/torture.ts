/** `torture`: a distillation that is killed again and again must end like an undisturbed one. */
import { duration } from "../../io/duration.ts";
import { UserError } from "../../errors/user_error.ts";
import { harmProcesses } from "./process_trials.ts";
import { reportProcesses } from "./process_report.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { defineCommand } from "../../cli/command.ts";
import { processorText, recordJson, recordLines, today } from "../../cli/recording.ts";
import {
  fillTheDisk,
  killAtEveryChange,
  killAtRandom,
  runUndisturbed,
  type Trial,
} from "./torture_trials.ts";

/** The command, as a value. */
export const torture = defineCommand({
  name: "torture",
  group: "maintain",
  summary: "Kills a tiny distillation again and again, and resumes it to the undisturbed result",
  details:
    "It is killed at random moments and in the middle of every write of its checkpoints, and its disk\n" +
    "fills up. The newest checkpoint must load after every fault, and the final state must be that of\n" +
    "an undisturbed run. All of it takes about fifteen minutes on two cores.\n\n" +
    "--processes harms runs of two and four processes instead: one is killed, stopped or, as root, cut off\n" +
    "from the network; all others must end in time and say which, and runs are resumed with other numbers. Of\n" +
    "every second run each process keeps a slice of the moments.",
  example: "--kills 10 --writes 5",
  options: {
    kills: {
      type: "number",
      value: "N",
      summary: "at random moments, default 60; 30 of processes",
    },
    processes: { type: "flag", summary: "harms one of several processes that share a run" },
    writes: { type: "number", value: "N", summary: "only the first so many, default all" },
    seed: { type: "number", value: "N", summary: "draws the moments, default 0" },
    record: { type: "flag", summary: "also keeps the result in data/results" },
  },
  run: async ({ options, say, progress, emit }) => {
    const { processes } = options;
    const { kills = processes ? 30 : 60, writes = Number.MAX_SAFE_INTEGER, seed = 0 } = options;
    if (![kills, writes, seed].every(Number.isSafeInteger) || kills < 0 || writes < 0) {
      throw new UserError(
        `Found --kills ${kills} --writes ${writes} --seed ${seed}, expected whole numbers from 0`,
      );
    }
    const begun = performance.now();
    const parent = await Deno.makeTempDir({ prefix: "hashigo" });
    const trials: Trial[] = [];
    try {
      if (processes) {
        const harmed = await harmProcesses(parent, { faults: kills, seed, progress });
        return await reportProcesses(harmed, {
          ...{ say, emit, seconds: (performance.now() - begun) / 1000 },
          command: `deno task torture --processes --kills ${kills} --seed ${seed} --record`,
          record: options.record,
        });
      }
      const undisturbed = await runUndisturbed(`${parent}/undisturbed`);
      progress(`undisturbed: ${undisturbed.digest}, ${undisturbed.changes} writes`);
      const full = await fillTheDisk(parent, undisturbed, { progress });
      if (full === undefined) {
        say("no trial of a full disk: mounting a small one takes root's rights");
      }
      const random = await killAtRandom(parent, undisturbed, { kills, seed, progress });
      const change = await killAtEveryChange(parent, undisturbed, { changes: writes, progress });
      trials.push(random, change, ...full === undefined ? [] : [full]);
    } finally {
      await Deno.remove(parent, { recursive: true });
    }
    const lines = [
      textTable(
        ["trial", "injected", "survived", "lost", "runs"],
        trials.map(({ name, injected, survived, lost, runs }) => [
          name,
          ...[injected, survived, lost, runs].map(String),
        ]),
      ),
      `${processorText()}, ` +
      duration((performance.now() - begun) / 1000),
    ];
    for (const line of lines) say(line);
    emit(trials);
    if (options.record) {
      const limits = options.writes === undefined ? "" : ` --writes ${writes}`;
      const command = `deno task torture --kills ${kills}${limits} --seed ${seed} --record`;
      await recordJson("torture", { trials, date: today() });
      await recordLines("torture", lines, command);
    }
    return trials.every(({ survived, injected, lost }) => survived === injected && lost === 0)
      ? 0
      : 1;
  },
});
