/** What experiments came to, as a page: a line for every claim of the paper, and a table for each experiment. */
import type { Experiment, ExperimentClaim, ExperimentColumn } from "../distill/experiment.ts";
import { type ExperimentResult, rowDigest } from "../distill/experiment_results.ts";
import { type ClaimVerdict, judgeIncrements, spreadOf } from "../metrics/increment.ts";
import { markdownTable } from "./markdown_table.ts";

/** An experiment and what is known of it. */
export interface ExperimentOutcome {
  /** What was to be compared. */
  readonly experiment: Experiment;
  /** All results on file. */
  readonly results: readonly ExperimentResult[];
}

/** A claim of the paper, judged. */
export interface JudgedClaim extends ExperimentClaim {
  /** One for each seed that both rows have. */
  readonly increments: readonly number[];
  /** What they amount to. */
  readonly verdict: ClaimVerdict;
}

/**
 * Holds the claims of an experiment against its results. Results of a recipe that has since been changed do
 * not count.
 *
 * @example
 * ```ts
 * import { defineExperiment, judgeClaims } from "@hashigo/hashigo";
 * const experiment = defineExperiment({
 *   name: "models", title: "Models", paper: "none", description: "", seeds: [0], tasks: ["digits"],
 *   rows: [{ name: "pixels", model: "pixels" }, { name: "random", model: "random" }],
 *   columns: [{ title: "digits", measures: ["knn digits"] }],
 *   claims: [{
 *     claim: "Pixels beat a random network", paper: "not in it", from: "random", to: "pixels",
 *     column: "digits", expected: "up",
 *   }],
 * });
 * if (judgeClaims({ experiment, results: [] })[0]?.verdict !== "not run") throw new Error("No results");
 * ```
 */
export function judgeClaims(outcome: ExperimentOutcome): JudgedClaim[] {
  const { experiment } = outcome;
  return experiment.claims.map((claim) => {
    const { column, from, to, expected, tolerance } = claim;
    const measures = typeof column === "string"
      ? experiment.columns.find(({ title }) => title === column)?.measures ?? []
      : column;
    const [before, after] = [from, to].map((row) => valuesOf(outcome, row, measures));
    const increments = experiment.seeds.flatMap((seed) => {
      const difference = (after?.get(seed) ?? NaN) - (before?.get(seed) ?? NaN);
      return Number.isNaN(difference) ? [] : [difference];
    });
    return { ...claim, increments, verdict: judgeIncrements(increments, expected, tolerance) };
  });
}

/** By seed: the mean of the measures, where all of them are there. Frozen models have one value for all seeds. */
function valuesOf(
  { experiment, results }: ExperimentOutcome,
  name: string,
  measures: readonly string[],
): Map<number, number> {
  const row = experiment.rows.find((one) => one.name === name);
  const found = new Map<number, number>();
  if (row === undefined) return found;
  const digest = rowDigest(experiment, row);
  const own = results.filter((result) => result.row === name && result.recipe === digest);
  for (const seed of experiment.seeds) {
    const values = measures.map((measure) =>
      own.find((result) => result.measure === measure && ("model" in row || result.seed === seed))
        ?.value ?? NaN
    );
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    if (!Number.isNaN(mean)) found.set(seed, mean);
  }
  return found;
}

/** Numbers of all seeds as "81.2 ± 0.3"; of one seed without a spread. */
function withSpread(values: readonly number[], signed = false): string {
  if (values.length === 0) return "";
  const { mean, deviation } = spreadOf(values);
  const digits = Math.abs(mean) < 10 ? 2 : 1;
  const sign = signed && mean >= 0 ? "+" : "";
  return `${sign}${mean.toFixed(digits)}` +
    (values.length > 1 ? ` ± ${deviation.toFixed(digits)}` : " (one seed)");
}

/** Rows by columns, mean and standard deviation over seeds. */
export function experimentTable(outcome: ExperimentOutcome): string {
  const { rows, columns } = outcome.experiment;
  const lines = rows.flatMap((row) => {
    const cells = columns.map((
      { measures },
    ) => [...valuesOf(outcome, row.name, measures).values()]);
    if (cells.every((values) => values.length === 0)) return [];
    const shown = cells.map((values) =>
      "model" in row
        ? withSpread(values.slice(0, 1)).replace(" (one seed)", "")
        : withSpread(values)
    );
    return [[row.title ?? row.name, ...shown]];
  });
  return markdownTable(["row", ...columns.map(titleOf)], lines);
}

function titleOf({ title, lowerIsBetter }: ExperimentColumn): string {
  return lowerIsBetter ? `${title} (lower is better)` : title;
}

/** The whole page, `docs/experiments.md`. */
export function experimentsPage(outcomes: readonly ExperimentOutcome[]): string {
  const judged = outcomes.flatMap((outcome) =>
    judgeClaims(outcome).map((claim) => ({ experiment: outcome.experiment, claim }))
  );
  const count = (verdict: ClaimVerdict) =>
    judged.filter(({ claim }) => claim.verdict === verdict).length;
  return [
    "# The paper's experiments, made again",
    "",
    "Generated by `deno task experiments`; do not edit by hand. Every number is a mean over seeds ± its standard " +
    "deviation; an increment is taken seed by seed between two rows that see the same images in the same order. " +
    "A claim agrees or disagrees where the 90 % interval of the increment (Student's t) lies wholly on one side, and is too noisy " +
    "to tell otherwise. The paper trains a ViT-B on ImageNet for 200 epochs; these runs are " +
    "thousands of times smaller, so directions are compared, not numbers.",
    "",
    `Of ${judged.length} claims ${count("agrees")} agree, ${count("disagrees")} disagree, ` +
    `${count("too noisy to tell")} are too noisy to tell and ${
      count("not run")
    } have not been run.`,
    "",
    markdownTable(
      ["claim", "paper", "ours", "verdict", "what we think why"],
      judged.map(({ experiment, claim }) => [
        `[${claim.claim}](#${experiment.name})`,
        claim.paper,
        claim.increments.length === 0 ? "" : withSpread(claim.increments, true),
        claim.verdict,
        claim.why ?? "",
      ]),
      ["paper", "verdict", "what we think why"],
    ),
    "",
    ...outcomes.flatMap((outcome) => section(outcome)),
  ].join("\n");
}

function section(outcome: ExperimentOutcome): string[] {
  const { experiment: { name, title, paper, description, seeds }, results } = outcome;
  const dates = results.map(({ date }) => date).sort();
  const machines = [...new Set(results.map(({ machine }) => machine))];
  const seconds = results.filter(({ measure }) => measure === "seconds");
  const minutes = seconds.reduce((sum, { value }) => sum + value, 0) / 60;
  return [
    `<a id="${name}"></a>`,
    "",
    `## ${title}`,
    "",
    `${description} Paper: ${paper}. Seeds: ${seeds.join(", ")}.`,
    "",
    `\`deno task experiments ${name}\`` +
    (results.length === 0
      ? ": not run yet."
      : `, ${dates[0]} to ${dates.at(-1)}, ${machines.join("; ")}; ${
        minutes.toFixed(0)
      } minutes of training in ` +
        `${seconds.length} runs. Numbers: [data/results/${name}.csv](../data/results/${name}.csv).`),
    "",
    ...(results.length === 0 ? [] : [experimentTable(outcome), ""]),
  ];
}
