/** Looks at everything that an evaluation will need, before an image is decoded or a network opened. */
import { checkEvaluation } from "../../evaluation/check_evaluation.ts";
import { pairsOfShard } from "../../evaluation/pairs_of_shard.ts";
import { locateTask } from "../../evaluation/tasks/open_task.ts";
import { checkOutputFile, checkOutputFolder, checkOutside } from "../../io/output_path.ts";
import { UsageError } from "../command.ts";
import { resultsFolder } from "../recording.ts";
import type { EvaluateOptions, EvaluationRequest } from "./evaluate_request.ts";

/** Options of the command that say what is done with what was measured. */
export interface EvaluateOutputs {
  readonly deployment: boolean;
  readonly analysis: string | undefined;
  readonly pictures: readonly string[];
  readonly record: string | undefined;
  readonly csv: string | undefined;
}

/**
 * Refuses a request that could not be carried out to its end.
 *
 * @returns a line for every option that has no effect here
 * @throws {UserError} for models, tasks, metrics, costs and places that cannot be used, and options that
 * need others
 */
export async function checkRequest(
  request: EvaluationRequest,
  options: EvaluateOptions & EvaluateOutputs,
): Promise<string[]> {
  checkCompanions(request, options);
  const { models, tasks, folder, shared, measure: { metrics, costs, canvas, readout } } = request;
  checkRepeated("--data", tasks);
  checkRepeated("MODEL", models.map(({ source }) => source));
  // Refuses more parts than there are.
  pairsOfShard(models, tasks, { shard: shared?.shard, readout });
  await checkEvaluation({ models, tasks, metrics, costs, canvas, readout });
  await checkEvaluation({ tasks: options.pictures });
  if (options.analysis !== undefined) await checkAnalysis(options.analysis);
  if (options.csv !== undefined) await checkOutputFile(options.csv, "--csv");
  if (options.record !== undefined) await checkOutputFolder(resultsFolder(), "--record");
  if (folder !== undefined) {
    await checkOutputFolder(folder, "--out");
    await checkOutside({ path: folder, option: "--out" }, tasks);
  }
  return await withoutEffect(request, options);
}

/** Options that mean something only beside others. */
function checkCompanions(
  { run }: EvaluationRequest,
  { suite, deployment, analysis, pictures, record }: EvaluateOptions & EvaluateOutputs,
): void {
  if (run === undefined && (analysis !== undefined || pictures.length > 0)) {
    const found = analysis !== undefined ? `--analysis ${analysis}` : `--pictures ${pictures}`;
    throw new UsageError(
      `Found ${found} without a run, expected one run folder as the only MODEL, or with --suite`,
    );
  }
  if (record !== undefined && !suite && !deployment) {
    throw new UsageError(
      `Found --record ${record} without --suite or --deployment, expected one of them: nothing else ` +
        "is kept in data/results",
    );
  }
}

function checkRepeated(option: string, names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated === undefined) return;
  throw new UsageError(`Found ${repeated} twice, expected every ${option} once`);
}

async function checkAnalysis(set: string): Promise<void> {
  const kind = await locateTask(set);
  if (kind === "classification") return;
  throw new UsageError(
    `Found --analysis ${set}, a task of ${kind}, expected one whose images have one class each, such ` +
      "as digits",
  );
}

async function withoutEffect(
  { tasks, folder, measure: { metrics = ["knn"] } }: EvaluationRequest,
  { k, canvas, feature, fresh }: EvaluateOptions,
): Promise<string[]> {
  const kinds = await Promise.all(tasks.map(locateTask));
  const lines: string[] = [];
  if (k.length > 0 && !metrics.includes("knn")) lines.push(`--k: only the metric knn counts them`);
  if (!kinds.includes("classification")) {
    const options = [
      canvas === undefined ? "" : "--canvas",
      feature === undefined ? "" : "--feature",
    ];
    for (const option of options.filter((option) => option !== "")) {
      lines.push(
        `${option}: tasks of pixels have a size of their own, and are measured by patches`,
      );
    }
  }
  if (fresh && folder === undefined) {
    lines.push("--fresh: several models without --out keep no measurements");
  }
  return lines.map((line) => `warning: no effect of ${line}`);
}
