/** What the guide is made of: experiments with their results, and the records beside them. */
import type { z } from "zod";
import type { ExperimentOutcome } from "../../experiments/outcome.ts";
import { UserError } from "../../errors/user_error.ts";

/** Everything that the guide takes figures from. */
export interface GuideInput {
  /** All experiments, with results as far as they were run. */
  readonly outcomes: readonly ExperimentOutcome[];
  /** Texts of the files of `data/results` by name, such as "bench_serve.json". */
  readonly records: ReadonlyMap<string, string>;
}

/**
 * The experiment of a name.
 *
 * @throws {UserError} where there is none: the guide names experiments that exist
 */
export function outcomeOf({ outcomes }: GuideInput, name: string): ExperimentOutcome {
  const outcome = outcomes.find(({ experiment }) => experiment.name === name);
  if (outcome !== undefined) return outcome;
  throw new UserError(
    `Cannot write the guide: it names the experiment "${name}", which there is not. Take the sentence out`,
  );
}

/** Steps of a row that is distilled for a number of steps. */
export function stepsOf(input: GuideInput, name: string, row: string): number {
  const found = outcomeOf(input, name).experiment.rows.find((one) => one.name === row);
  return found !== undefined && "recipe" in found ? found.recipe.optimization.steps ?? NaN : NaN;
}

/** Its place on the page of experiments, as a link. */
export function experimentLink(name: string): string {
  return `[${name}](experiments.md#${name})`;
}

/**
 * A record in JSON; undefined where there is none.
 *
 * @throws {UserError} where it holds something else
 */
export function jsonRecord<T>(
  { records }: GuideInput,
  name: string,
  schema: z.ZodType<T>,
): T | undefined {
  const text = records.get(name);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `Cannot write the guide: data/results/${name} is not what it takes figures from. Record it again`,
      { cause: error },
    );
  }
}

/** The cells of a line of a Markdown table in a record, by the titles of the table; undefined where it is not there. */
export function tableLine(
  record: string | undefined,
  first: string,
): ReadonlyMap<string, string> | undefined {
  const cells = (line: string) => line.split("|").slice(1, -1).map((cell) => cell.trim());
  let header: string[] = [];
  for (const line of (record ?? "").split("\n")) {
    if (!line.startsWith("|")) continue;
    const found = cells(line);
    if (found[0] === "model") header = found;
    if (found[0] !== first) continue;
    return new Map(header.map((title, i) => [title, (found[i] ?? "").replaceAll("**", "")]));
  }
  return undefined;
}
