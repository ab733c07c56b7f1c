/** `experiments`: reproduces the paper's tables, a row and a seed at a time. */
import { dirname } from "node:path";
import allExperiments from "../../../recipes/experiments/experiments.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { cellsOf, type ExperimentCell, findExperiment, isDone } from "../../experiments/cells.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { fillCell } from "../../experiments/fill_cell.ts";
import { nextCells } from "../../experiments/next_cells.ts";
import { readExperimentResults } from "../../experiments/results.ts";
import { duration } from "../../io/duration.ts";
import { assertExperimentData, checkExperimentRow } from "../../experiments/run_cell.ts";
import { experimentFigure, picturePath } from "../../report/experiments/experiment_figure.ts";
import type { ExperimentOutcome } from "../../experiments/outcome.ts";
import { experimentsPage, experimentTable } from "../../report/experiments/experiment_page.ts";
import { figurePng } from "../../report/pictures/figure_picture.ts";
import { checkoutPath } from "../checkout.ts";
import { checkOutputFolder } from "../../io/output_path.ts";
import { defineCommand, UsageError } from "../command.ts";
import { recordPastRuns } from "./advise/record_past_runs.ts";
import { writeGuide } from "./repository/guide.ts";
import { experimentResultsFolder, machine, resultsFolder, today } from "../recording.ts";

const page = () => checkoutPath("docs/experiments.md");

/** The command, as a value. */
export const experiments = defineCommand({
  name: "experiments",
  group: "reproduce",
  summary: "Reproduces the paper's tables; finished runs are kept, stopped ones resumed",
  example: "world_components --seeds 1",
  positionals: ["[EXPERIMENT...]"],
  interrupt: "signal",
  options: {
    list: { type: "flag", summary: "only lists them, and how much of each is done" },
    seeds: { type: "number", value: "N", summary: "only the first N seeds" },
    rows: { type: "list", value: "ROW", summary: "only these rows" },
    steps: {
      type: "number",
      value: "N",
      summary: "a short form: so many steps, few test images; results go to the runs folder",
    },
    "plan-only": {
      type: "flag",
      summary:
        "only measures how many steps fit the minutes of rows with a budget; do it while nothing else runs",
    },
    runs: { type: "text", value: "FOLDER", summary: "run folders; default runs/experiments" },
  },
  check: async ({ options, positionals }) => {
    const { runs = "runs/experiments", steps, seeds, rows, list } = options;
    for (const [name, value] of Object.entries({ seeds, steps })) {
      if (value === undefined || Number.isSafeInteger(value) && value > 0) continue;
      throw new UsageError(`Found --${name} ${value}, expected a whole number of at least 1`);
    }
    const results = steps === undefined ? experimentResultsFolder() : runs;
    const chosen = positionals.length === 0
      ? allExperiments
      : positionals.map((name) => findExperiment(allExperiments, name));
    const cells = chosen.flatMap((experiment) => cellsOf(experiment, { seeds, rows }));
    if (!list) {
      await checkOutputFolder(runs, "--runs");
      await checkOutputFolder(results, "the results in");
      await checkCells(cells, results);
    }
    return { runs, results, chosen };
  },
  run: async ({ options, say, progress, work, emit, signal }, { runs, results, chosen }) => {
    const { steps, seeds, rows, "plan-only": planOnly } = options;
    for (const experiment of chosen) {
      const path = `${results}/${experiment.name}.csv`;
      const next = async () =>
        options.list
          ? []
          : nextCells(experiment, await readExperimentResults(path), { seeds, rows });
      for (let cells = await next(); cells.length > 0; cells = await next()) {
        for (const cell of cells) {
          const { row, seed } = cell, label = `${experiment.name} ${row.name} seed ${seed}`;
          const begun = performance.now();
          const measures = await fillCell(cell, {
            ...{ path, runs, steps, planOnly, signal, label, onWork: work },
            stamp: { date: today(), machine: machine() },
            others: allExperiments.map(({ name }) => `${results}/${name}.csv`),
          });
          if (measures === "stopped" && planOnly && !signal.aborted) {
            progress(`${label}: planned`);
            continue;
          }
          if (measures === "stopped") {
            return say(`stopped in ${label}; the same command resumes it`);
          }
          if (measures === "copied") continue;
          progress(`${label}: done in ${duration((performance.now() - begun) / 1000)}`);
          emit({ experiment: experiment.name, row: row.name, seed, measures });
        }
        if (planOnly) break;
      }
      say(await statusLine(experiment, path));
      if (options.list) continue;
      say(`\n${experimentTable({ experiment, results: await readExperimentResults(path) })}\n`);
    }
    if (steps !== undefined || options.list) return;
    await writePage(chosen);
    await recordPastRuns(resultsFolder());
    const guide = await writeGuide();
    say(`docs/experiments.md, ${guide} and data/results/past_runs.md are up to date`);
  },
});

/** Looks at images, teachers and tasks of every cell that is still to be filled. */
async function checkCells(cells: readonly ExperimentCell[], results: string): Promise<void> {
  for (const cell of cells) {
    const { experiment, row } = cell;
    if (await isDone(`${results}/${experiment.name}.csv`, cell)) continue;
    await assertExperimentData(experiment);
    await checkExperimentRow(experiment, row);
  }
}

async function statusLine(experiment: Experiment, path: string): Promise<string> {
  const cells = cellsOf(experiment);
  const finished = await Promise.all(cells.map((cell) => isDone(path, cell)));
  const left = nextCells(experiment, await readExperimentResults(path)).length;
  return `${experiment.name}: ${experiment.title} (${experiment.paper}); ` +
    `${finished.filter(Boolean).length} of ${experiment.enoughSeeds ? "at most " : ""}` +
    `${cells.length} runs done, ${left === 0 ? "none" : left} to do next`;
}

/** Writes the page of all experiments, and the pictures of those that were chosen. */
async function writePage(chosen: readonly Experiment[]): Promise<void> {
  const outcomes = await Promise.all(allExperiments.map(async (experiment) => ({
    experiment,
    results: await readExperimentResults(`${experimentResultsFolder()}/${experiment.name}.csv`),
  })));
  await writeFileAtomic(page(), experimentsPage(outcomes));
  for (const outcome of outcomes) {
    if (chosen.includes(outcome.experiment)) await drawFigures(outcome);
  }
}

async function drawFigures(outcome: ExperimentOutcome): Promise<void> {
  if (outcome.results.length === 0) return;
  for (const [i, figure] of (outcome.experiment.figures ?? []).entries()) {
    const path = `${dirname(page())}/${picturePath(outcome.experiment, i)}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, await figurePng(experimentFigure(outcome, figure)));
  }
}
