/** `experiments`: reproduces the paper's tables, a row and a seed at a time. */
import { dirname } from "node:path";
import allExperiments from "../../../recipes/experiments/experiments.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import {
  cellsOf,
  type ExperimentCell,
  findExperiment,
  isDone,
  measuredElsewhere,
} from "../../experiments/cells.ts";
import type { Experiment } from "../../experiments/experiment.ts";
import {
  addExperimentResults,
  readExperimentResults,
  rowDigest,
} from "../../experiments/results.ts";
import { startEngine } from "../../engine/backend.ts";
import { duration } from "../../io/duration.ts";
import type { Work } from "../../io/progress_line.ts";
import {
  assertExperimentData,
  checkExperimentRow,
  runExperimentRow,
} from "../../experiments/run_cell.ts";
import { experimentFigure, picturePath } from "../../report/experiments/experiment_figure.ts";
import type { ExperimentOutcome } from "../../report/experiments/outcome.ts";
import { experimentsPage, experimentTable } from "../../report/experiments/experiment_page.ts";
import { figurePng } from "../../report/pictures/figure_picture.ts";
import { checkoutPath } from "../checkout.ts";
import { checkOutputFolder } from "../../io/output_path.ts";
import { defineCommand, UsageError } from "../command.ts";
import { machine, resultsFolder, today } from "../recording.ts";

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
    runs: { type: "text", value: "FOLDER", summary: "run folders; default runs/experiments" },
  },
  check: async ({ options, positionals }) => {
    const { runs = "runs/experiments", steps, seeds, rows, list } = options;
    for (const [name, value] of Object.entries({ seeds, steps })) {
      if (value === undefined || Number.isSafeInteger(value) && value > 0) continue;
      throw new UsageError(`Found --${name} ${value}, expected a whole number of at least 1`);
    }
    const results = steps === undefined ? resultsFolder() : runs;
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
    const { steps, seeds } = options;
    for (const experiment of chosen) {
      const path = `${results}/${experiment.name}.csv`;
      for (const cell of cellsOf(experiment, { seeds, rows: options.rows })) {
        if (options.list || await isDone(path, cell)) continue;
        const label = `${experiment.name} ${cell.row.name} seed ${cell.seed}`;
        const outcome = await fillCell(cell, {
          results,
          runs,
          steps,
          signal,
          label,
          progress,
          work,
        });
        if (outcome === "stopped") return say(`stopped in ${label}; the same command resumes it`);
        if (outcome !== "copied") emit(outcome);
      }
      say(await statusLine(experiment, path));
      if (options.list) continue;
      say(`\n${experimentTable({ experiment, results: await readExperimentResults(path) })}\n`);
    }
    if (steps !== undefined || options.list) return;
    await writePage(chosen);
    say("docs/experiments.md is up to date");
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

/** How a cell is filled. */
interface FillOptions {
  /** Folder of the tables of results. */
  readonly results: string;
  /** Folder of run folders. */
  readonly runs: string;
  /** Steps of the short form. */
  readonly steps: number | undefined;
  readonly signal: AbortSignal;
  /** Names the cell in lines of progress. */
  readonly label: string;
  readonly progress: (line: string) => void;
  readonly work: (work: Work) => void;
}

/** Measures a cell, or copies it from another experiment, into the table of its experiment. */
async function fillCell(
  cell: ExperimentCell,
  { results, runs, steps, signal, label, progress, work }: FillOptions,
) {
  const { experiment, row, seed } = cell;
  const path = `${results}/${experiment.name}.csv`;
  const measured = await measuredElsewhere(allExperiments, results, cell);
  if (measured.length > 0) {
    await addExperimentResults(path, measured.map((result) => ({ ...result, row: row.name })));
    return "copied";
  }
  const begun = performance.now();
  await startEngine();
  const measures = await runExperimentRow(experiment, row, seed, {
    runs,
    signal,
    steps,
    limit: steps === undefined ? undefined : 100,
    onStep: (done, total) => work({ stage: label, done, total, unit: "steps" }),
    onWork: (part) => work({ ...part, stage: `${label}: ${part.stage}` }),
  });
  if (measures === undefined) return "stopped";
  const recipe = rowDigest(experiment, row);
  const shared = { row: row.name, seed, recipe, date: today(), machine: machine() };
  await addExperimentResults(
    path,
    Object.entries(measures).map(([measure, value]) => ({ ...shared, measure, value })),
  );
  progress(`${label}: done in ${duration((performance.now() - begun) / 1000)}`);
  return { experiment: experiment.name, row: row.name, seed, measures };
}

async function statusLine(experiment: Experiment, path: string): Promise<string> {
  const cells = cellsOf(experiment);
  const finished = await Promise.all(cells.map((cell) => isDone(path, cell)));
  return `${experiment.name}: ${experiment.title} (${experiment.paper}); ` +
    `${finished.filter(Boolean).length} of ${cells.length} runs done`;
}

/** Writes the page of all experiments, and the pictures of those that were chosen. */
async function writePage(chosen: readonly Experiment[]): Promise<void> {
  const outcomes = await Promise.all(allExperiments.map(async (experiment) => ({
    experiment,
    results: await readExperimentResults(`${resultsFolder()}/${experiment.name}.csv`),
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
