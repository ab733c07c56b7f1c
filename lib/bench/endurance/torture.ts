/** `deno task torture`: a distillation that is disturbed again and again must end as if nothing had happened. */
import { cpus } from "node:os";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { duration } from "../../io/duration.ts";
import { UserError } from "../../errors/user_error.ts";
import { refreshResultPages } from "../../report/records/result_pages.ts";
import { textTable } from "../../report/tables/text_table.ts";
import { defineCommand, main } from "../../cli/command.ts";
import { resultsFolder, today } from "../../cli/commands/recording.ts";
import {
  fillTheDisk,
  killAtEveryChange,
  killAtRandom,
  leaveInPeace,
  type Trial,
} from "./torture_trials.ts";

/** The command, as a value. */
export const torture = defineCommand({
  name: "torture",
  summary: "Kills a tiny distillation at random moments and in the middle of every write of its\n" +
    "checkpoints, lets the disk fill up, and resumes it until it has ended by itself: the newest\n" +
    "checkpoint must load after every fault, and the final state must be that of a run that was\n" +
    "left in peace. The whole of it takes about fifteen minutes on two cores",
  example: "deno task torture --kills 10 --writes 5",
  options: {
    kills: { type: "number", value: "N", summary: "at random moments, default 60" },
    writes: { type: "number", value: "N", summary: "only the first so many, default all" },
    seed: { type: "number", value: "N", summary: "draws the moments, default 0" },
    record: { type: "flag", summary: "also keeps the result in data/results" },
  },
  run: async ({ options, say, progress, emit }) => {
    const { kills = 60, writes = Number.MAX_SAFE_INTEGER, seed = 0 } = options;
    if (![kills, writes, seed].every(Number.isSafeInteger) || kills < 0 || writes < 0) {
      throw new UserError(
        `Found --kills ${kills} --writes ${writes} --seed ${seed}, expected whole numbers from 0`,
      );
    }
    const begun = performance.now();
    const parent = await Deno.makeTempDir({ prefix: "hashigo" });
    const trials: Trial[] = [];
    try {
      const peaceful = await leaveInPeace(`${parent}/peaceful`);
      progress(`undisturbed: ${peaceful.digest}, ${peaceful.changes} writes`);
      const full = await fillTheDisk(parent, peaceful, { progress });
      if (full === undefined) {
        say("no trial of a full disk: mounting a small one takes root's rights");
      }
      const random = await killAtRandom(parent, peaceful, { kills, seed, progress });
      const change = await killAtEveryChange(parent, peaceful, { changes: writes, progress });
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
      `${cpus()[0]?.model.trim() ?? "unknown"}, ${navigator.hardwareConcurrency} cores, ` +
      duration((performance.now() - begun) / 1000),
    ];
    for (const line of lines) say(line);
    emit(trials);
    if (options.record) {
      const limits = options.writes === undefined ? "" : ` --writes ${writes}`;
      const command =
        `deno task torture --kills ${kills}${limits} --seed ${seed} --record, ${today()}`;
      const path = `${resultsFolder()}/torture`;
      await writeFileAtomic(
        `${path}.json`,
        JSON.stringify({ trials, date: today() }, null, 2) + "\n",
      );
      await writeFileAtomic(`${path}.md`, "```text\n" + [...lines, command].join("\n") + "\n```\n");
      await refreshResultPages(resultsFolder());
    }
    return trials.every((one) => one.survived === one.injected && one.lost === 0) ? 0 : 1;
  },
});

if (import.meta.main) await main(torture);
