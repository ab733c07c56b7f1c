/** `deno task experiments`: the paper's tables, made again, a row and a seed at a time. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import allExperiments from "../../../recipes/experiments/experiments.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { cellsOf, findExperiment, isDone, measuredElsewhere } from "../../experiments/cells.ts";
import {
  addExperimentResults,
  readExperimentResults,
  rowDigest,
} from "../../experiments/results.ts";
import { startEngine } from "../../engine/backend.ts";
import { duration } from "../../tracking/progress.ts";
import { assertExperimentData, runExperimentRow } from "../../experiments/run_cell.ts";
import { experimentFigure, picturePath } from "../../report/figures/experiment_figure.ts";
import type { ExperimentOutcome } from "../../report/records/experiment_outcome.ts";
import { experimentsPage, experimentTable } from "../../report/records/experiment_page.ts";
import { figurePng } from "../../report/figures/figure_picture.ts";
import { defineCommand, main } from "../command.ts";
import { machine, resultsFolder, today } from "./recording.ts";

const page = fileURLToPath(new URL("../../../docs/experiments.md", import.meta.url));

export const experiments = defineCommand({
  name: "experiments",
  summary:
    "Makes the paper's tables again; what is done is not done twice, what was left is resumed",
  example: "deno task experiments world_components --seeds 1",
  positionals: ["[EXPERIMENT...]"],
  interrupt: "signal",
  options: {
    list: { type: "flag", summary: "only say which there are, and how much of each is done" },
    seeds: { type: "number", value: "N", summary: "only the first N seeds" },
    rows: { type: "list", value: "ROW", summary: "only these rows; may be repeated" },
    steps: {
      type: "number",
      value: "N",
      summary: "a short form: so many steps, few test images; results go to the runs folder",
    },
    runs: { type: "text", value: "FOLDER", summary: "run folders; default runs/experiments" },
  },
  run: async ({ options, positionals, say, progress, emit, signal }) => {
    const { runs = "runs/experiments", steps, seeds } = options;
    const results = steps === undefined ? resultsFolder() : runs;
    const chosen = positionals.length === 0
      ? allExperiments
      : positionals.map((name) => findExperiment(allExperiments, name));
    for (const experiment of chosen) {
      const path = `${results}/${experiment.name}.csv`;
      for (const cell of cellsOf(experiment, { seeds, rows: options.rows })) {
        const done = await isDone(path, cell);
        if (options.list || done) continue;
        const { row, seed } = cell;
        await assertExperimentData(experiment);
        const label = `${experiment.name} ${row.name} seed ${seed}`;
        let shown = 0;
        const begun = performance.now();
        const found = await measuredElsewhere(allExperiments, results, cell);
        if (found.length > 0) {
          await addExperimentResults(path, found.map((one) => ({ ...one, row: row.name })));
          continue;
        }
        await startEngine();
        const measures = await runExperimentRow(experiment, row, seed, {
          runs,
          signal,
          ...(steps === undefined ? {} : { steps, limit: 100 }),
          onStep: (step, all, left) => {
            if (performance.now() - shown < 10_000 && step < all) return;
            shown = performance.now();
            progress(`${label}: step ${step}/${all}, ${duration(left)} left`);
          },
        });
        if (measures === undefined) {
          say(`stopped in ${label}; the same command goes on there`);
          return;
        }
        await addExperimentResults(
          path,
          Object.entries(measures).map(([measure, value]) => ({
            row: row.name,
            seed,
            recipe: rowDigest(experiment, row),
            measure,
            value,
            date: today(),
            machine: machine(),
          })),
        );
        progress(`${label}: done in ${duration((performance.now() - begun) / 1000)}`);
        emit({ experiment: experiment.name, row: row.name, seed, measures });
      }
      const outcome = { experiment, results: await readExperimentResults(path) };
      const all = cellsOf(experiment);
      const finished = await Promise.all(all.map((cell) => isDone(path, cell)));
      say(
        `${experiment.name}: ${experiment.title} (${experiment.paper}); ` +
          `${finished.filter(Boolean).length} of ${all.length} runs done`,
      );
      if (!options.list) say(`\n${experimentTable(outcome)}\n`);
    }
    if (steps !== undefined || options.list) return;
    const outcomes = await Promise.all(allExperiments.map(async (experiment) => ({
      experiment,
      results: await readExperimentResults(`${resultsFolder()}/${experiment.name}.csv`),
    })));
    await writeFileAtomic(page, experimentsPage(outcomes));
    for (const outcome of outcomes) {
      if (chosen.includes(outcome.experiment)) await drawFigures(outcome);
    }
    say("docs/experiments.md is up to date");
  },
});

async function drawFigures(outcome: ExperimentOutcome): Promise<void> {
  if (outcome.results.length === 0) return;
  for (const [i, figure] of (outcome.experiment.figures ?? []).entries()) {
    const path = `${dirname(page)}/${picturePath(outcome.experiment, i)}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeFileAtomic(path, await figurePng(experimentFigure(outcome, figure)));
  }
}

if (import.meta.main) await main(experiments);
