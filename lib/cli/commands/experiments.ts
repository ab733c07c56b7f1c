/** `experiments`: reproduces the paper's tables, a row and a seed at a time. */
import { dirname } from "node:path";
import allExperiments from "../../../recipes/experiments/experiments.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import {
  cellsOf,
  type ExperimentCell,
  findExperiment,
  isDone,
  isFilled,
  isSameCell,
} from "../../experiments/cells.ts";
import { cellsOfShard } from "../../experiments/cells_of_shard.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import { cellName, fillCells } from "../../experiments/fill_cells.ts";
import { resultsToMerge } from "../../experiments/merge_results.ts";
import { nextCells } from "../../experiments/next_cells.ts";
import {
  addExperimentResults,
  type ExperimentResult,
  readExperimentResults,
} from "../../experiments/results.ts";
import { mergeRowPlans, plansPath } from "../../experiments/row_plans.ts";
import { duration } from "../../io/duration.ts";
import { whileLocked } from "../../io/file_lock.ts";
import { readShard } from "../../io/shard.ts";
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
  details:
    "With --shard K/N this process fills every N-th cell (a row and a seed) of the experiments, from the\n" +
    "K-th on, whatever is done already: N processes with the same arguments but for K share them, in one\n" +
    "checkout or each in its own, whose results --merge then brings together.",
  example: "world_components --seeds 1",
  positionals: ["[EXPERIMENT...]"],
  interrupt: "signal",
  options: {
    list: { type: "flag", summary: "only lists them, and how much of each is done" },
    seeds: { type: "number", value: "N", summary: "only the first N seeds" },
    rows: { type: "list", value: "ROW", summary: "only these rows" },
    shard: {
      type: "text",
      value: "PART/PARTS",
      summary: "only so much of the cells, such as 1/4; the others are left to other processes",
    },
    merge: {
      type: "list",
      value: "FOLDER",
      summary:
        "only takes over results from there, such as data/results/experiments of another checkout",
    },
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
    const { runs = "runs/experiments", steps, seeds, rows, list, merge } = options;
    for (const [name, value] of Object.entries({ seeds, steps })) {
      if (value === undefined || Number.isSafeInteger(value) && value > 0) continue;
      throw new UsageError(`Found --${name} ${value}, expected a whole number of at least 1`);
    }
    const results = steps === undefined ? experimentResultsFolder() : runs;
    const chosen = positionals.length === 0
      ? allExperiments
      : positionals.map((name) => findExperiment(allExperiments, name));
    const cells = chosen.flatMap((experiment) => cellsOf(experiment, { seeds, rows }));
    const shard = options.shard === undefined ? undefined : readShard(options.shard);
    const own = shard === undefined ? undefined : cellsOfShard(cells, shard);
    if (!list) {
      await checkOutputFolder(runs, "--runs");
      await checkOutputFolder(results, "the results in");
      if (merge.length === 0) await checkCells(own ?? cells, results);
    }
    const merged = await readMerged(chosen, results, options);
    return { runs, results, chosen, own, merged };
  },
  run: async (
    { options, say, progress, work, emit, signal },
    { runs, results, chosen, own, merged },
  ) => {
    const { steps, seeds, rows, "plan-only": planOnly } = options;
    for (const { path, added } of merged) await addExperimentResults(path, added);
    for (const folder of options.merge) {
      await mergeRowPlans(plansPath(results), {
        from: plansPath(folder),
        experiments: chosen.map(({ name }) => name),
      });
    }
    for (const experiment of chosen) {
      const path = resultsPath(results, experiment);
      if (!options.list && options.merge.length === 0) {
        let begun = performance.now();
        const stopped = await fillCells(experiment, {
          ...{ path, runs, seeds, rows, own, steps, planOnly, signal, onWork: work },
          stamp: { date: today(), machine: machine() },
          others: allExperiments.map((other) => resultsPath(results, other)),
          onFilled: (cell, outcome) => {
            const seconds = (performance.now() - begun) / 1000;
            begun = performance.now();
            if (outcome === "copied") return;
            if (outcome === "planned") return progress(`${cellName(cell)}: planned`);
            progress(`${cellName(cell)}: done in ${duration(seconds)}`);
            const { row, seed } = cell;
            emit({ experiment: experiment.name, row: row.name, seed, measures: outcome });
          },
        });
        if (stopped !== undefined) {
          return say(`stopped in ${cellName(stopped)}; the same command resumes it`);
        }
      }
      const outcome = { experiment, results: await readExperimentResults(path) };
      say(statusLine(outcome, own));
      if (!options.list) say(`\n${experimentTable(outcome)}\n`);
    }
    if (steps !== undefined || options.list) return;
    // One after the other, so that the last to come writes pages of everything that is done.
    await whileLocked(`${results}/experiments`, async () => {
      await writePage(chosen);
      await recordPastRuns(resultsFolder());
      const guide = await writeGuide();
      say(`docs/experiments.md, ${guide} and data/results/past_runs.md are up to date`);
    });
  },
});

function resultsPath(folder: string, { name }: Experiment): string {
  return `${folder}/${name}.csv`;
}

/** What is to be added to the results of each experiment out of the folders of `--merge`. */
async function readMerged(
  chosen: readonly Experiment[],
  results: string,
  { merge, list, shard, "plan-only": planOnly }: {
    readonly merge: readonly string[];
    readonly list: boolean;
    readonly shard: string | undefined;
    readonly "plan-only": boolean;
  },
): Promise<{ readonly path: string; readonly added: readonly ExperimentResult[] }[]> {
  if (merge.length > 0 && (list || planOnly || shard !== undefined)) {
    throw new UsageError(
      `Found --merge ${merge.join()} with --list, --plan-only or --shard, expected it alone: it only takes over ` +
        "what was measured elsewhere",
    );
  }
  const theirs = await Promise.all(
    merge.flatMap((folder) =>
      chosen.map(async (experiment) => {
        const path = resultsPath(folder, experiment);
        return { experiment, folder, path, results: await readExperimentResults(path) };
      })
    ),
  );
  const empty = merge.find((one) =>
    theirs.every(({ folder, results }) => folder !== one || results.length === 0)
  );
  if (empty !== undefined) {
    throw new UsageError(
      `Found --merge ${empty}, a folder without results of ${
        chosen.map(({ name }) => name).join(", ")
      }, ` +
        "expected one with NAME.csv, such as data/results/experiments of another checkout",
    );
  }
  const merged: { path: string; added: ExperimentResult[] }[] = [];
  for (const [experiment, files] of Map.groupBy(theirs, ({ experiment }) => experiment)) {
    const path = resultsPath(results, experiment), ours = await readExperimentResults(path);
    const added: ExperimentResult[] = [];
    for (const file of files) added.push(...resultsToMerge(experiment, [...ours, ...added], file));
    if (added.length > 0) merged.push({ path, added });
  }
  return merged;
}

/** Looks at images, teachers and tasks of every cell that is still to be filled. */
async function checkCells(cells: readonly ExperimentCell[], results: string): Promise<void> {
  for (const cell of cells) {
    const { experiment, row } = cell;
    if (await isDone(resultsPath(results, experiment), cell)) continue;
    await assertExperimentData(experiment);
    await checkExperimentRow(experiment, row);
  }
}

function statusLine(
  { experiment, results }: ExperimentOutcome,
  own: readonly ExperimentCell[] | undefined,
): string {
  const cells = cellsOf(experiment), next = nextCells(experiment, results);
  const finished = cells.filter((cell) => isFilled(cell, results)).length;
  const line = `${experiment.name}: ${experiment.title} (${experiment.paper}); ` +
    `${finished} of ${experiment.enoughSeeds ? "at most " : ""}` +
    `${cells.length} runs done, ${next.length === 0 ? "none" : next.length} to do next`;
  if (own === undefined || next.length === 0) return line;
  const mine = next.filter((cell) => own.some(isSameCell(cell))).length;
  return `${line}, ${mine === 0 ? "none" : mine} of them by this part`;
}

/** Writes the page of all experiments, and the pictures of those that were chosen. */
async function writePage(chosen: readonly Experiment[]): Promise<void> {
  const outcomes = await Promise.all(allExperiments.map(async (experiment) => ({
    experiment,
    results: await readExperimentResults(resultsPath(experimentResultsFolder(), experiment)),
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
