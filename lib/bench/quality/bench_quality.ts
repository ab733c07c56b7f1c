/** Measures what options that save computing are worth in runs of the same minutes. */
import type { QualitySet } from "../../../recipes/quality.ts";
import { suggestion } from "../../errors/did_you_mean.ts";
import { UserError } from "../../errors/user_error.ts";
import type { Work } from "../../io/progress_line.ts";
import { fillCells } from "../../experiments/fill_cells.ts";
import { nextCells } from "../../experiments/next_cells.ts";
import type { ExperimentOutcome } from "../../experiments/outcome.ts";
import { readExperimentResults } from "../../experiments/results.ts";
import { assertExperimentData, checkExperimentRow } from "../../experiments/run_cell.ts";
import { bestCombination } from "./best_combination.ts";
import { bestName, qualityExperiment, type QualityPlan } from "./quality_experiment.ts";

/** What is asked for. */
export interface QualityRequest {
  /** Minutes of the runs. */
  readonly minutes: readonly number[];
  /** Number of seeds. */
  readonly seeds: number;
  /** Names of rows; empty for all. */
  readonly options: readonly string[];
  /** Whether to measure on held-out train images, by which the best combination is chosen. */
  readonly validate: boolean;
  /** Whether it only plans how many steps fit the minutes of each row. Default false. */
  readonly planOnly?: boolean | undefined;
}

/** Where results are kept, and who hears of them. */
export interface QualityOutput {
  /** Folder of runs and of the files of results. */
  readonly runs: string;
  /** When and where it is measured. */
  readonly stamp: { readonly date: string; readonly machine: string };
  /** A clock in milliseconds. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  /** Stops after the step in progress, to be resumed. Default: a first interrupt. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((line: string) => void) | undefined;
  readonly onWork?: ((work: Work) => void) | undefined;
}

/** The results, and what they are of. */
export interface QualityResult {
  readonly plan: QualityPlan;
  readonly outcome: ExperimentOutcome;
  /** Whether all of it was measured; false where it was stopped or only planned. */
  readonly finished: boolean;
}

/** Path of the file of results in the folder of runs, or in that of the record. */
export function qualityResultsPath(folder: string, validation: boolean): string {
  return `${folder}/${resultsName(validation)}.csv`;
}

/** Names the results on held-out train images, or on test images. */
export function resultsName(validation: boolean): string {
  return validation ? "validation" : "quality";
}

/**
 * Trains and measures every row, a seed at a time; what is done is kept in a file and not done again. On held-out
 * train images the best combination is measured after all others, of which it is made; on test images it is the
 * one that was chosen so.
 *
 * @throws {UserError} for a row that is not there, images, teachers or tasks that are missing, or a best
 * combination that was not chosen yet; before anything is trained
 */
export async function benchQuality(
  set: QualitySet,
  request: QualityRequest,
  output: QualityOutput,
): Promise<QualityResult> {
  const { minutes, seeds, validate } = request;
  const names = namesOf(set, request.options);
  const others = names.filter((name) => name !== bestName);
  const plan = { minutes, seeds, names: others, validation: validate };
  const wantsBest = names.includes(bestName);
  const best = wantsBest && !validate ? await chosenBefore(set, request, output.runs) : undefined;
  const first = best === undefined ? plan : { ...plan, names, best };
  await check(set, first);
  const result = await fill(set, first, output, request.planOnly);
  if (!result.finished || !wantsBest || !validate) return result;
  const chosen = bestCombination(set, result.outcome, fewest(minutes));
  output.onProgress?.(`the best combination: ${chosen.join(", ") || "the base"}`);
  return await fill(set, { ...plan, names, best: chosen }, output);
}

/** A combination is chosen at the fewest minutes: what helps most where they are few, and costs least to find. */
function fewest(minutes: readonly number[]): number[] {
  return [Math.min(...minutes)];
}

/** Names of the rows in question. */
function namesOf({ options }: QualitySet, names: readonly string[]): readonly string[] {
  const known = [...options.map(({ name }) => name), bestName];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names.length === 0 ? known : names;
  throw new UserError(
    `There is no option "${unknown}" to measure. ` +
      (suggestion(unknown, known) || `Known: ${known.join(", ")}.`),
  );
}

/** The combination that was chosen on held-out train images. */
async function chosenBefore(
  set: QualitySet,
  request: QualityRequest,
  runs: string,
): Promise<string[]> {
  const { seeds } = request, minutes = fewest(request.minutes);
  const names = set.options.map(({ name }) => name);
  const experiment = qualityExperiment(set, { minutes, seeds, names, validation: true });
  const path = qualityResultsPath(runs, true), results = await readExperimentResults(path);
  const missing = nextCells(experiment, results).length;
  if (missing === 0) return bestCombination(set, { experiment, results }, minutes);
  throw new UserError(
    `Cannot measure the best combination: found ${missing} of ${
      experiment.rows.length * seeds
    } runs ` +
      `missing in "${path}", by which it is chosen on held-out train images. Run the same command with ` +
      `--validate first (--minutes ${minutes} is enough), or measure only other rows: --options ${
        names.join(",")
      }`,
  );
}

async function check(set: QualitySet, plan: QualityPlan): Promise<void> {
  const experiment = qualityExperiment(set, plan);
  await assertExperimentData(experiment);
  for (const row of experiment.rows) await checkExperimentRow(experiment, row);
}

async function fill(
  set: QualitySet,
  plan: QualityPlan,
  { runs, stamp, now, signal, onProgress, onWork }: QualityOutput,
  planOnly = false,
): Promise<QualityResult> {
  const experiment = qualityExperiment(set, plan), path = qualityResultsPath(runs, plan.validation);
  const stopped = await fillCells(experiment, {
    ...{ path, runs, stamp, now, signal, planOnly, onWork },
    // All seeds of a row share its plan.
    ...planOnly && { seeds: 1 },
    // The best combination may be one of the other rows.
    others: [path],
    onFilled: ({ row, seed }) =>
      onProgress?.(
        planOnly ? `${row.name}: planned` : `${row.name} seed ${seed}: done`,
      ),
  });
  const outcome = { experiment, results: await readExperimentResults(path) };
  return { plan, outcome, finished: !planOnly && stopped === undefined };
}
