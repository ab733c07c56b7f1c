/** Keeps the table of past runs in `data/results`: `past_runs.json` for the advice, `past_runs.md` for people. */
import { pastPairs, pastStudents, recordedRecipes } from "../../../../recipes/past_runs.ts";
import { gatherPastRuns } from "../../../advice/past/gather_past_runs.ts";
import type { PastRuns } from "../../../advice/past/past_runs.ts";
import { readRecordedRun } from "../../../advice/past/recorded_run.ts";
import type { Experiment } from "../../../experiments/experiment.ts";
import type { ExperimentOutcome } from "../../../experiments/outcome.ts";
import { readExperimentResults } from "../../../experiments/results.ts";
import { writeFileAtomic } from "../../../io/atomic_file.ts";
import { refreshResultPages } from "../../../report/records/result_pages.ts";
import { pastRunsMarkdown } from "../../../report/tables/past_runs_table.ts";

/** The table of what lies in a folder of results. */
export async function pastRunsOf(results: string): Promise<PastRuns> {
  const read = new Map<Experiment, ExperimentOutcome>();
  const outcomeOf = async (experiment: Experiment) => {
    const outcome = read.get(experiment) ??
      {
        experiment,
        results: await readExperimentResults(`${results}/experiments/${experiment.name}.csv`),
      };
    read.set(experiment, outcome);
    return outcome;
  };
  const students = [], recorded = [], pairs = [];
  for (const { experiment, teachers } of pastStudents) {
    students.push({
      outcome: await outcomeOf(experiment),
      teachers: await outcomeOf(teachers),
    });
  }
  for (const recipe of recordedRecipes) {
    recorded.push(...[await readRecordedRun(recipe, results) ?? []].flat());
  }
  for (const { experiment, ...pair } of pastPairs) {
    pairs.push({ ...pair, outcome: await outcomeOf(experiment) });
  }
  return gatherPastRuns({ students, recorded, pairs });
}

/** Writes the table anew, and the pages that show it. */
export async function recordPastRuns(results: string): Promise<void> {
  const past = await pastRunsOf(results);
  await writeFileAtomic(`${results}/past_runs.json`, JSON.stringify(past, null, 1) + "\n");
  await writeFileAtomic(`${results}/past_runs.md`, pastRunsMarkdown(past));
  await refreshResultPages(results);
}
