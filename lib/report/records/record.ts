/** The results of a run in a form that is kept beside the code: a table for people, rows for programs. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { type Evaluation, readEvaluation } from "../../evaluation/results.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { readLog } from "../../runs/step_log.ts";
import { duration } from "../../tracking/progress.ts";
import { runPaths } from "../../runs/run_folder.ts";
import type { StepReport } from "../../runs/step_report.ts";
import { byMetric, scorecard } from "../../metrics/comparison/scorecard.ts";
import type { EvaluationRow } from "../../metrics/comparison/evaluation_row.ts";
import type { CostRow } from "../../metrics/costs/cost.ts";
import { UserError } from "../../errors/user_error.ts";
import { markdownTable } from "../tables/markdown_table.ts";
import { costCells, costHeader, evaluationCosts, evaluationCsv } from "../tables/tables.ts";

/** Under what circumstances a run was made. */
export interface RecordProvenance {
  /** The command that makes it again. */
  readonly command: string;
  /** ISO date. */
  readonly date: string;
  /** Processor and cores, in words. */
  readonly machine: string;
  /** Other measured runs whose students stand in the table too, under the names of their recipes. */
  readonly beside?: readonly string[];
}

/**
 * Writes `NAME.csv` and `NAME.md` of a finished and measured run into a folder.
 *
 * @returns the path of the table
 * @throws {UserError} where the run has not been measured
 */
export async function recordRun(
  run: string,
  folder: string,
  circumstances: RecordProvenance,
): Promise<string> {
  const paths = runPaths(run.replace(/[/\\]+$/, ""));
  const recipe = await loadRecipe(paths.recipe);
  const evaluation = await measured(paths.folder);
  for (const other of circumstances.beside ?? []) {
    const { name } = await loadRecipe(runPaths(other).recipe);
    const { rows, costs } = await measured(other);
    const named = <Row extends { readonly model: string }>(list: readonly Row[]) =>
      list.filter(({ model }) => model === "student").map((row) => ({ ...row, model: name }));
    const own = evaluation.rows.filter(({ model }) => model === "student").length;
    evaluation.rows.splice(own, 0, ...named(rows)); // below the student's own
    evaluation.costs.splice(1, 0, ...named(costs));
  }
  const reports = await readLog(paths.log);
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(`${folder}/${recipe.name}.csv`, evaluationCsv(evaluation.rows));
  const table = `${folder}/${recipe.name}.md`;
  await writeFileAtomic(table, markdown(evaluation, reports, circumstances));
  return table;
}

/** The evaluation of a run, to be added to. */
async function measured(run: string) {
  const evaluation = await readEvaluation(run);
  if (evaluation !== undefined && evaluation.rows.length > 0) {
    return { ...evaluation, rows: [...evaluation.rows], costs: [...evaluation.costs] };
  }
  throw new UserError(
    `Cannot record "${run}": found no evaluation there. Measure it with deno task evaluate ${run}`,
  );
}

function markdown(
  evaluation: Evaluation,
  reports: readonly StepReport[],
  { command, date, machine }: RecordProvenance,
): string {
  const parts = byMetric(evaluation.rows);
  const metrics = parts.map(([metric]) => metric).join(", then ");
  const last = reports.at(-1);
  const trained = last === undefined
    ? ""
    : `; ${last.images.toLocaleString("en")} images in ${duration(last.seconds)} of training`;
  return [
    ...parts.map(([, rows]) => comparison(rows, evaluationCosts(evaluation))),
    `\`${command}\`, ${date}, ${machine}${trained}. ${metrics} in percent of frozen features; ` +
    "the best of each column in bold.",
    "Losses and kept shares on the way:",
    course(reports),
  ].join("\n\n") + "\n";
}

/** Accuracies with their mean, and what each model costs. */
function comparison(rows: readonly EvaluationRow[], costs: readonly CostRow[]): string {
  const { tasks, lines, best, bestMean } = scorecard(rows);
  const mark = (value: number | undefined, highest: number) =>
    value === undefined ? "–" : value === highest ? `**${value.toFixed(1)}**` : value.toFixed(1);
  const header = ["model", ...tasks, "mean", ...costHeader.slice(1)];
  const body = lines.map(({ model, cells, mean }) => {
    const cost = costs.find((row) => row.model === model);
    return [
      model,
      ...cells.map((cell, i) => mark(cell?.value, best[i] ?? NaN)),
      mark(mean, bestMean),
      ...(cost === undefined ? [] : costCells(cost).slice(1)),
    ];
  });
  const together = costs.filter(({ model }) => !lines.some((line) => line.model === model));
  const sums = together.map((row) => [
    row.model,
    ...[...tasks, "mean"].map(() => ""),
    ...costCells(row).slice(1),
  ]);
  return markdownTable(header, [...body, ...sums]);
}

/** The log at a few moments. */
function course(reports: readonly StepReport[]): string {
  const teachers = Object.keys(reports[0]?.losses ?? {});
  const moments = [0, 0.02, 0.1, 0.25, 0.5, 0.75, 1].map((part) =>
    reports[Math.round(part * (reports.length - 1))]
  );
  const header = ["step", "loss", ...teachers.map((name) => `${name} (kept)`)];
  const body = moments.flatMap((report) =>
    report === undefined ? [] : [[
      String(report.step),
      report.loss.toFixed(3),
      ...teachers.map((name) =>
        `${(report.losses[name]?.total ?? NaN).toFixed(3)} (${
          Math.round(100 * (report.shares[name] ?? NaN))
        } %)`
      ),
    ]]
  );
  return markdownTable(header, body);
}
