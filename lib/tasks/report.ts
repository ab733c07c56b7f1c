/** `deno task report`: a page about a run. */
import { reportRun } from "../view/run_report.ts";
import { defineCommand, main } from "./command.ts";

/** The command, as a value. */
export const report = defineCommand({
  name: "report",
  summary:
    "Writes report.html into run folders: comparison, costs, training and recipe on one page\n" +
    "that opens without a network",
  example: "deno task report runs/demo",
  positionals: ["RUN..."],
  run: async ({ positionals, say, emit }) => {
    for (const run of positionals) {
      const page = await reportRun(run);
      emit({ run, report: page });
      say(page);
    }
  },
});

if (import.meta.main) await main(report);
