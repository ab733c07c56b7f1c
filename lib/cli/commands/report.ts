/** `report RUN`: a page about a run. */
import { refreshResultPages } from "../../report/records/result_pages.ts";
import { recordRun } from "../../report/records/run_record.ts";
import { reportRun } from "../../report/page/run_report.ts";
import { takeScreenshot } from "../../report/page/screenshot.ts";
import { checkOutputFile, checkOutputFolder } from "../../io/output_path.ts";
import { checkRun } from "../../runs/run_folder.ts";
import { defineCommand, UsageError } from "../command.ts";
import { machine, resultsFolder, today } from "../recording.ts";

/** The command, as a value. */
export const report = defineCommand({
  name: "report",
  group: "measure",
  summary: "Writes a run's report.html: comparison, costs, training and recipe on one page",
  details: "The page lies in the run folder and opens without a network.",
  example: "runs/demo",
  positionals: ["RUN..."],
  options: {
    screenshot: {
      type: "text",
      value: "FILE.png",
      summary: "also takes a picture of the page, 1000 px wide; needs Chromium",
    },
    record: {
      type: "text",
      value: "COMMAND",
      summary: "also keeps the results in data/results, as made by this command",
    },
    beside: {
      type: "list",
      value: "RUN",
      summary: "a run whose student stands in the recorded table too",
    },
  },
  check: async ({ positionals, options: { screenshot, record, beside } }) => {
    if (beside.length > 0 && record === undefined) {
      throw new UsageError(
        `Found --beside ${beside.join()} without --record, expected both: a recorded table alone ` +
          "has other runs beside it",
      );
    }
    if (positionals.length > 1 && screenshot !== undefined) {
      throw new UsageError(
        `Found --screenshot ${screenshot} for ${positionals.length} runs, expected one run, since ` +
          "each picture would replace the one before",
      );
    }
    for (const run of [...positionals, ...beside]) await checkRun(run);
    for (const run of positionals) await checkOutputFolder(run, "RUN");
    if (screenshot !== undefined) await checkOutputFile(screenshot, "--screenshot");
    if (record !== undefined) await checkOutputFolder(resultsFolder(), "--record");
  },
  run: async ({ positionals, options, say, emit }) => {
    for (const run of positionals) {
      const page = await reportRun(run);
      emit({ run, report: page });
      say(page);
      if (options.screenshot !== undefined) await takeScreenshot(page, options.screenshot);
      if (options.record === undefined) continue;
      const { record: command, beside } = options;
      const provenance = { command, date: today(), machine: machine() };
      say(await recordRun(run, resultsFolder(), provenance, { beside }));
      await refreshResultPages(resultsFolder());
    }
  },
});
