/** The results of a run in a form that is kept beside the code: a table for people, rows for programs. */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { duration } from "../../io/duration.ts";
import { type Evaluation, readEvaluation } from "../../evaluation/results.ts";
import { loadRecipe } from "../../recipe/load.ts";
import { readLog } from "../../runs/step_log.ts";
import { runPaths } from "../../runs/run_folder.ts";
import type { StepReport } from "../../runs/step_report.ts";
import { byMetric, scorecard } from "../../metrics/comparison/scorecard.ts";
import type { EvaluationRow, MeanVerdict } from "../../metrics/comparison/evaluation_row.ts";
import type { CostRow } from "../../metrics/costs/cost.ts";
import { UserError } from "../../errors/user_error.ts";
import { count, decimals, percent } from "../format.ts";
import { costCells, costHeader, evaluationCosts } from "../tables/cost_table.ts";
import { evaluationCsv } from "../tables/evaluation_csv.ts";
import { meanVerdictText } from "../tables/mean_verdict.ts";
import { bold, markdownTable } from "../tables/markdown_table.ts";
import { type Provenance, provenanceText } from "./provenance.ts";

/**
 * Writes `NAME.csv` and `NAME.md` of a finished and measured run into a folder; NAME is that of its recipe.
 *
 * @param options beside: other measured runs, whose students get lines of the table too, under the names of
 *   their recipes.
 * @returns The path of the table.
 * @throws {UserError} Where a run has not been measured.
 */
export async function recordRun(
  run: string,
  folder: string,
  provenance: Provenance,
  options: { readonly beside?: readonly string[] | undefined } = {},
): Promise<string> {
  const paths = runPaths(run);
  const recipe = await loadRecipe(paths.recipe);
  const evaluation = await withStudentsOf(
    options.beside ?? [],
    await requireEvaluation(paths.folder),
  );
  const reports = await readLog(paths.log);
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(`${folder}/${recipe.name}.csv`, evaluationCsv(evaluation.rows));
  const table = `${folder}/${recipe.name}.md`;
  await writeFileAtomic(table, markdown(evaluation, reports, provenance));
  return table;
}

/** The evaluation with the students of other runs below its own. */
async function withStudentsOf(
  others: readonly string[],
  evaluation: Evaluation,
): Promise<Evaluation> {
  const rows = [...evaluation.rows];
  const costs = [...evaluation.costs];
  for (const other of others) {
    const { name } = await loadRecipe(runPaths(other).recipe);
    const theirs = await requireEvaluation(other);
    const named = <Row extends { readonly model: string }>(list: readonly Row[]) =>
      list.filter(({ model }) => model === "student").map((row) => ({ ...row, model: name }));
    const students = rows.filter(({ model }) => model === "student").length;
    rows.splice(students, 0, ...named(theirs.rows));
    costs.splice(1, 0, ...named(theirs.costs));
  }
  return { ...evaluation, rows, costs };
}

async function requireEvaluation(run: string): Promise<Evaluation> {
  const evaluation = await readEvaluation(run);
  if (evaluation !== undefined && evaluation.rows.length > 0) return evaluation;
  throw new UserError(
    `Cannot record "${run}": found no evaluation there. Measure it with deno task evaluate ${run}`,
  );
}

function markdown(
  evaluation: Evaluation,
  reports: readonly StepReport[],
  provenance: Provenance,
): string {
  const parts = byMetric(evaluation.rows);
  const metrics = parts.map(([metric]) => metric).join(", then ");
  const last = reports.at(-1);
  const trained = last === undefined
    ? ""
    : `; ${count(last.images, "image")} in ${duration(last.seconds)} of training`;
  return [
    ...parts.map(([, rows]) => comparison(rows, evaluationCosts(evaluation))),
    `${provenanceText(provenance)}${trained}. ${metrics} in percent of frozen features; ` +
    "the best of each column in bold.",
    ...meanLines(evaluation.means ?? []),
    "Losses and kept shares on the way:",
    trainingTable(reports),
  ].join("\n\n") + "\n";
}

/** The student's lead over the teacher of the best mean, a line for each metric; none without teachers. */
function meanLines(means: readonly MeanVerdict[]): string[] {
  const lines = means.map((mean) => `- ${mean.metric}: ${meanVerdictText(mean)}`);
  if (lines.length === 0) return [];
  return [
    "The mean beside that of the best single teacher, paired over the test images, with its 95 % interval:",
    lines.join("\n"),
  ];
}

/** Accuracies with their mean, and what each model costs. */
function comparison(rows: readonly EvaluationRow[], costs: readonly CostRow[]): string {
  const { tasks, lines, best, bestMean } = scorecard(rows);
  const mark = (value: number | undefined, highest: number | undefined) =>
    value !== undefined && value === highest ? bold(decimals(value, 1)) : decimals(value, 1, "–");
  const header = ["model", ...tasks, "mean", ...costHeader.slice(1)];
  const body = lines.map(({ model, cells, mean }) => {
    const cost = costs.find((row) => row.model === model);
    return [
      model,
      ...cells.map((cell, i) => mark(cell?.value, best[i])),
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
function trainingTable(reports: readonly StepReport[]): string {
  const teachers = Object.keys(reports[0]?.losses ?? {});
  const moments = [0, 0.02, 0.1, 0.25, 0.5, 0.75, 1].flatMap((part) =>
    reports[Math.round(part * (reports.length - 1))] ?? []
  );
  const header = ["step", "loss", ...teachers.map((name) => `${name} (kept)`)];
  const body = moments.map((report) => [
    String(report.step),
    report.loss.toFixed(3),
    ...teachers.map((name) => {
      const loss = (report.losses[name]?.total ?? NaN).toFixed(3);
      return `${loss} (${percent(report.shares[name] ?? NaN)})`;
    }),
  ]);
  return markdownTable(header, body);
}
