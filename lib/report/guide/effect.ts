/** What differences between rows of experiments come to, in words and figures. */
import { type ExperimentOutcome, incrementsOf, valuesOf } from "../../experiments/outcome.ts";
import { judgeIncrements, spreadOf } from "../../metrics/comparison/increment.ts";
import { UserError } from "../../errors/user_error.ts";
import { experimentLink, type GuideInput, outcomeOf } from "./guide_input.ts";

/** Two rows of an experiment, and what is compared. */
export interface Pair {
  readonly experiment: string;
  /** Name of the row from which the difference is counted. */
  readonly from: string;
  readonly to: string;
  /** Titles of columns, of whose measures the mean is compared. Default: those that its experiment is judged by. */
  readonly columns?: readonly string[] | undefined;
}

/** What one difference says. */
type Effect = "helps" | "costs" | "within noise" | "one seed alone" | "not measured";

/** What all differences of a line say together, in the order of the guide's summary. */
export const decisions = [
  "worth it",
  "worth it at times",
  "it depends",
  "no difference seen",
  "not worth it at times",
  "not worth it",
  "open",
] as const;

/** One of them. */
export type Decision = typeof decisions[number];

/** A line of the guide: a part, what to do about it, and what was measured. */
export interface Finding {
  readonly title: string;
  readonly decision: Decision;
  readonly text: string;
}

/** The line on a part, from the effects of pairs of rows; words in front tell pairs apart. */
export function finding(
  input: GuideInput,
  title: string,
  pairs: readonly (Pair & { readonly when?: string | undefined })[],
): Finding {
  const effects = pairs.map((pair) => effectOf(input, pair));
  const shown = effects.map(({ text }, i) => {
    const { when } = pairs[i]!;
    return when === undefined ? text : `${when}: ${text}`;
  });
  return { title, decision: decide(effects.map(({ effect }) => effect)), text: shown.join("; ") };
}

/** One seed alone decides nothing, nor does what was not measured. */
function decide(effects: readonly Effect[]): Decision {
  const [helps, costs, noise] = (["helps", "costs", "within noise"] as const)
    .map((effect) => effects.includes(effect));
  if (helps && costs) return "it depends";
  if (helps) return noise ? "worth it at times" : "worth it";
  if (costs) return noise ? "not worth it at times" : "not worth it";
  return noise ? "no difference seen" : "open";
}

/** "helps, +4.34 ± 0.07 (3 seeds, …)", with the experiment as a link. */
function effectOf(
  input: GuideInput,
  pair: Pair,
): { readonly effect: Effect; readonly text: string } {
  const { experiment: name, from, to } = pair;
  const outcome = outcomeOf(input, name), columns = pair.columns ?? judgedBy(name);
  const measures = measuresOf(outcome, columns);
  const values = (row: string) => valuesOf(outcome, checkedRow(outcome, row), measures);
  const increments = incrementsOf(values(from), values(to)), seeds = increments.length;
  const isLower = outcome.experiment.columns.some(({ title, lowerIsBetter }) =>
    columns.includes(title) && lowerIsBetter
  );
  const effect = seeds === 1
    ? "one seed alone"
    : words[judgeIncrements(increments, isLower ? "down" : "up")];
  if (seeds === 0) return { effect, text: `${effect} (${experimentLink(name)})` };
  const place = `${seeds === 1 ? "" : `${seeds} seeds, `}${experimentLink(name)}`;
  return { effect, text: `${effect}, ${withSpread(increments, true)} (${place})` };
}

const words = {
  "agrees": "helps",
  "disagrees": "costs",
  "no difference": "within noise",
  "too noisy to tell": "within noise",
  "not run": "not measured",
} as const;

/** What whole images are judged by, in each family of experiments. */
function judgedBy(experiment: string): readonly string[] {
  if (experiment.startsWith("world_")) return ["factors"];
  return experiment.startsWith("main_job")
    ? ["k-NN by chosen readout", "logistic by chosen readout"]
    : ["mean"];
}

/** The mean of a row over its seeds, "43.6 ± 0.7"; "not measured" where it was not run. */
export function valueText(
  input: GuideInput,
  { experiment, row, column }: {
    readonly experiment: string;
    readonly row: string;
    readonly column: string;
  },
): string {
  const outcome = outcomeOf(input, experiment);
  const values = valuesOf(outcome, checkedRow(outcome, row), measuresOf(outcome, [column]));
  const isModel = outcome.experiment.rows.some((one) => one.name === row && "model" in one);
  if (values.size === 0) return "not measured";
  return withSpread([...values.values()].slice(0, isModel ? 1 : values.size), false);
}

/** Rows by what they are judged by, the best first; those that were not run are last. */
export function bestFirst(
  input: GuideInput,
  experiment: string,
  rows: readonly string[],
): string[] {
  const outcome = outcomeOf(input, experiment);
  const measures = measuresOf(outcome, judgedBy(experiment));
  const means = new Map(rows.map((row) => {
    const values = [...valuesOf(outcome, checkedRow(outcome, row), measures).values()];
    return [row, values.length === 0 ? -Infinity : spreadOf(values).mean];
  }));
  return rows.toSorted((a, b) => means.get(b)! - means.get(a)!);
}

/** Mean and standard deviation over seeds, of one seed the value alone. */
function withSpread(values: readonly number[], isSigned: boolean): string {
  const { mean, deviation } = spreadOf(values);
  const digits = Math.abs(mean) < 10 ? 2 : 1;
  const sign = mean < 0 ? "−" : isSigned ? "+" : "";
  const spread = values.length > 1 ? ` ± ${deviation.toFixed(digits)}` : "";
  return `${sign}${Math.abs(mean).toFixed(digits)}${spread}`;
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
