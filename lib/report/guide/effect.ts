/** What a difference between two rows of an experiment comes to, in words and figures. */
import { type ExperimentOutcome, incrementsOf, valuesOf } from "../../experiments/outcome.ts";
import { judgeIncrements, spreadOf } from "../../metrics/comparison/increment.ts";
import { UserError } from "../../errors/user_error.ts";
import { bold } from "../tables/markdown_table.ts";
import { experimentLink, type GuideInput, outcomeOf } from "./guide_input.ts";

/** Two rows of an experiment, and what is compared. */
export interface Comparison {
  readonly experiment: string;
  /** Name of the row from which the difference is counted. */
  readonly from: string;
  readonly to: string;
  /** Titles of columns, of whose measures the mean is compared. */
  readonly columns: readonly string[];
}

const words = {
  "agrees": "helps",
  "disagrees": "costs",
  "too noisy to tell": "within noise",
  "not run": "not measured",
} as const;

/** "**helps**, +4.34 ± 0.07 (3 seeds)", and the experiment as a link. */
export function effectText(input: GuideInput, comparison: Comparison): string {
  const { experiment, from, to, columns } = comparison;
  const outcome = outcomeOf(input, experiment), measures = measuresOf(outcome, columns);
  const values = (row: string) => valuesOf(outcome, checkedRow(outcome, row), measures);
  const increments = incrementsOf(values(from), values(to));
  const isLower = outcome.experiment.columns.some(({ title, lowerIsBetter }) =>
    columns.includes(title) && lowerIsBetter
  );
  const word = bold(words[judgeIncrements(increments, isLower ? "down" : "up")]);
  const figures = increments.length === 0 ? "" : `, ${withSpread(increments, true)}`;
  return `${word}${figures} (${seedsText(increments.length)}${experimentLink(experiment)})`;
}

/** The mean of a row over its seeds, "43.6 ± 0.7"; "not measured" where it was not run. */
export function valueText(
  input: GuideInput,
  { experiment, row, columns }: {
    readonly experiment: string;
    readonly row: string;
    readonly columns: readonly string[];
  },
): string {
  const outcome = outcomeOf(input, experiment);
  const values = [
    ...valuesOf(outcome, checkedRow(outcome, row), measuresOf(outcome, columns)).values(),
  ];
  const isModel = outcome.experiment.rows.some((one) => one.name === row && "model" in one);
  if (values.length === 0) return "not measured";
  return withSpread(isModel ? values.slice(0, 1) : values, false);
}

/** Mean and standard deviation over seeds, of one seed the value alone. */
function withSpread(values: readonly number[], isSigned: boolean): string {
  const { mean, deviation } = spreadOf(values);
  const digits = Math.abs(mean) < 10 ? 2 : 1;
  const sign = mean < 0 ? "−" : isSigned ? "+" : "";
  const spread = values.length > 1 ? ` ± ${deviation.toFixed(digits)}` : "";
  return `${sign}${Math.abs(mean).toFixed(digits)}${spread}`;
}

function seedsText(seeds: number): string {
  return seeds === 0 ? "" : seeds === 1 ? "one seed, " : `${seeds} seeds, `;
}

function measuresOf({ experiment }: ExperimentOutcome, titles: readonly string[]): string[] {
  return titles.flatMap((title) => {
    const column = experiment.columns.find((column) => column.title === title);
    if (column !== undefined) return column.measures;
    throw unknown(experiment.name, `the column "${title}"`);
  });
}

function checkedRow({ experiment }: ExperimentOutcome, name: string): string {
  if (experiment.rows.some((row) => row.name === name)) return name;
  throw unknown(experiment.name, `the row "${name}"`);
}

function unknown(experiment: string, what: string): UserError {
  return new UserError(
    `Cannot write the guide: it names ${what} of the experiment "${experiment}", which has none such. ` +
      "Change the sentence",
  );
}
