/** `evaluate`: frozen features on labelled images. */
import { analyseRun } from "../../evaluation/analysis/analyse.ts";
import { evaluateModels } from "../../evaluation/evaluate_models.ts";
import { storeReadout } from "../../evaluation/evaluate_run.ts";
import { type Deployment, writeDeployment } from "../../evaluation/deployment/deployment.ts";
import { type Evaluation, writeEvaluation } from "../../evaluation/results.ts";
import { readLog } from "../../runs/step_log.ts";
import { measureDeployment } from "../../evaluation/deployment/measure.ts";
import { finishPart } from "../../evaluation/measured_parts.ts";
import { pairsOfShard } from "../../evaluation/pairs_of_shard.ts";
import { writePictures } from "../../evaluation/pictures/pictures.ts";
import { runPaths } from "../../runs/run_folder.ts";
import { startEngine } from "../../engine/backend.ts";
import { denseMetrics, evaluationMetrics } from "../../metrics/comparison/evaluation_metric.ts";
import { analysisText } from "../../report/tables/analysis_table.ts";
import { deploymentText, headSeconds } from "../../report/tables/deployment_table.ts";
import { recordDeployment } from "../../report/records/deployment_record.ts";
import { recordEvaluation } from "../../report/records/evaluation_record.ts";
import { refreshResultPages } from "../../report/records/result_pages.ts";
import { reportRun } from "../../report/page/run_report.ts";
import { comparisonText } from "../../report/tables/comparison_table.ts";
import { costText, evaluationCosts } from "../../report/tables/cost_table.ts";
import { evaluationCsv } from "../../report/tables/evaluation_csv.ts";
import { taskTableText } from "../../report/tables/task_table.ts";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import type { Shard } from "../../io/shard.ts";
import { checkpointOptions } from "../checkpoint_options.ts";
import { defineCommand, type Invocation, type Options } from "../command.ts";
import { decodeOptions } from "../decode_options.ts";
import { machine, resultsFolder, today } from "../recording.ts";
import { checkRequest } from "./evaluate_check.ts";
import { drawPictures } from "./evaluate_pictures.ts";
import { type EvaluationRequest, readRequest, type SharedEvaluation } from "./evaluate_request.ts";
import { evaluationProgress } from "./evaluation_progress.ts";

/** More tasks than this go down the page. */
const widestTable = 6;

/** How the command says what it does. */
type Reporting = Pick<Invocation<Options>, "progress" | "work">;

/** The command, as a value. */
export const evaluate = defineCommand({
  name: "evaluate",
  group: "measure",
  summary: "Measures frozen features of runs, teachers, random networks and pixels",
  details:
    "A student is set against the best teacher of each set; a difference that the choice of test\n" +
    "images explains is a tie.\n" +
    "MODEL is a run folder, a student.safetensors, a teacher (or TEACHER@SIZE), FAMILY:FILE,\n" +
    "random:RUN or pixels. A run alone is compared with its teachers, a random student and pixels,\n" +
    "and its folder receives evaluation.json, evaluation.csv and report.html.\n" +
    "With --suite all tasks whose images are there are measured, a run among the models as if it\n" +
    "stood alone; what a stopped suite had measured is not measured again.\n" +
    "With --shard K/N this process measures the K-th of N parts of the pairs of a model and a task. N\n" +
    "processes with the same arguments but for K share them in one folder; the last writes the results.",
  example: "resnet56_cifar10 pixels --data digits,land_use",
  positionals: ["[MODEL...]"],
  options: {
    suite: {
      type: "flag",
      summary: "every described task by every metric, at most 5000 images of a part",
    },
    data: {
      type: "list",
      value: "SET",
      summary:
        "embedded set, task of data/tasks, folder or zip; default: the tasks of the run's recipe",
    },
    split: {
      type: "list",
      value: "NAME",
      summary:
        "folders of --data to learn from and to measure on, TRAIN,TEST, or one that the seed parts",
    },
    feature: { type: "text", value: "KIND", summary: "cls, patch or cls+patch" },
    metric: {
      type: "list",
      value: "METRIC",
      summary:
        `${evaluationMetrics.join(", ")}; of dense tasks ${denseMetrics.join(", ")}; default ` +
        "knn, or all that fit",
    },
    k: { type: "list", value: "N", summary: "neighbours that vote, default 20" },
    readout: {
      type: "text",
      value: "WAY",
      summary:
        "as-is; chosen: also by the stages that serve each model best on train parts; or a readout FILE",
    },
    ...checkpointOptions,
    canvas: {
      type: "number",
      value: "PIXELS",
      summary: "side at which all models see the images; default: the run's, else 64",
    },
    ...decodeOptions,
    limit: { type: "number", value: "N", summary: "at most N train and N test images of each set" },
    seed: {
      type: "number",
      value: "N",
      summary: "draws intervals and shots, and test images where needed",
    },
    costs: {
      type: "text",
      value: "FILE",
      summary:
        "CSV of what errors of logistic regression cost, lines by true class, columns by predicted",
    },
    rejection: {
      type: "number",
      value: "COST",
      summary: "cost of deferring an unsure image to a person, in the unit of --costs",
    },
    deployment: {
      type: "flag",
      summary: "also measures latency, throughput, memory and size of the models",
    },
    analysis: {
      type: "text",
      value: "SET",
      summary:
        "also analyses the run's models on this set: layers, components, pruning, errors in common",
    },
    pictures: {
      type: "list",
      value: "SET",
      summary:
        "also draws what the run's models see in images of this set, or how they segment a dense one",
    },
    out: {
      type: "text",
      value: "FOLDER",
      summary: "where results go; default: the run's folder, or runs/suite",
    },
    shard: {
      type: "text",
      value: "PART/PARTS",
      summary: "only so much of the pairs of a model and a task, such as 1/4",
    },
    fresh: { type: "flag", summary: "measures again what was measured before" },
    record: {
      type: "text",
      value: "COMMAND",
      summary:
        "also keeps the suite or the deployment in data/results, as measured by this command",
    },
    csv: { type: "text", value: "FILE", summary: "also writes the rows there" },
  },
  check: async ({ positionals, options, progress }) => {
    const request = await readRequest(positionals, options);
    for (const line of await checkRequest(request, options)) progress(line);
    return request;
  },
  run: async ({ options, say, progress, work, emit }, request) => {
    const { folder, run, shared } = request;
    if (shared !== undefined) {
      const missing = await measurePart(request, shared, { progress, work });
      if (missing.length > 0) {
        emit({ ...shared.shard, missing });
        return say(partText(shared, missing));
      }
    }
    const evaluation = await measureRows(request, { progress, work });
    const { rows, means } = evaluation;
    emit(rows);
    const table = request.tasks.length > widestTable
      ? taskTableText(rows, means)
      : comparisonText(rows, means);
    for (const { model, readout } of evaluation.readouts ?? []) {
      say(`${model} is read out: ${readout}`);
    }
    say(`${table}\n\n${costText(evaluationCosts(evaluation))}`);
    const deployment = options.deployment
      ? await measureModels(request, { progress, work })
      : undefined;
    if (deployment !== undefined) say(`\n${deploymentText(deployment, headSeconds(rows))}`);
    if (options.csv !== undefined) await writeFileAtomic(options.csv, evaluationCsv(rows));
    const { record: command } = options;
    if (command !== undefined) {
      const provenance = { command, date: today(), machine: machine() };
      if (deployment !== undefined) {
        const path = `${resultsFolder()}/deployment.md`;
        await recordDeployment(deployment, path, provenance, { headSeconds: headSeconds(rows) });
      }
      if (options.suite) {
        const path = `${resultsFolder()}/suite`;
        say(await recordEvaluation(evaluation, path, provenance, request.measure));
      }
      await refreshResultPages(resultsFolder());
    }
    if (folder === undefined) return;
    await writeEvaluation(folder, evaluation);
    await writeFileAtomic(`${folder}/evaluation.csv`, evaluationCsv(rows));
    if (deployment !== undefined) await writeDeployment(folder, deployment);
    if (options.analysis !== undefined && run !== undefined) {
      say(await analyse(run, options.analysis, request, { progress, work }));
    }
    if (options.pictures.length > 0 && run !== undefined) {
      await writePictures(run, await drawPictures(request, options.pictures));
    }
    progress(`results: ${folder}/evaluation.json, ${folder}/evaluation.csv`);
    if (run === folder) progress(`report: ${await reportRun(run)}`);
  },
});

/** Measures a part of the pairs; resolves to the parts that are still missing. */
async function measurePart(
  request: EvaluationRequest,
  { shard, measured, digested }: SharedEvaluation,
  reporting: Reporting,
): Promise<number[]> {
  await measureRows(request, reporting, shard);
  return await finishPart(measured, shard, digested);
}

function partText({ shard: { part, of }, measured }: SharedEvaluation, missing: number[]): string {
  const which = missing.length === 1 ? "part" : "parts";
  return `part ${part} of ${of} is measured, kept beside ${measured}; still missing: ${which} ` +
    `${
      missing.join(", ")
    }. The last writes the results; so does the same command without --shard, which ` +
    "measures all that is not brought together yet";
}

async function measureRows(
  request: EvaluationRequest,
  { progress, work }: Reporting,
  shard?: Shard,
): Promise<Evaluation> {
  const { models, tasks, absent, measure } = request;
  const ways = (measure.readout ?? "as_is") === "as_is" ? 1 : 2;
  const pairs = pairsOfShard(models, tasks, { shard, readout: measure.readout })
    .reduce((sum, [, own]) => sum + own.length, 0);
  for (const { name, reason } of absent) progress(`left out ${name}: ${reason}`);
  await startEngine();
  const evaluation = await evaluateModels(models, tasks, {
    ...measure,
    shard,
    onNote: progress,
    onWork: work,
    onReadout: storeReadout,
    onRow: evaluationProgress(pairs * ways, progress),
  });
  for (const { task, name, reason } of evaluation.excluded ?? []) {
    progress(`warning: ${name} of ${task} is unreadable and left out: ${reason}`);
  }
  return evaluation;
}

/** Latency, throughput, memory and size of the requested models. */
async function measureModels(
  { models, measure: { canvas }, run }: EvaluationRequest,
  { progress }: Reporting,
): Promise<Deployment> {
  const last = run === undefined ? undefined : (await readLog(runPaths(run).log)).at(-1);
  return await measureDeployment(models, {
    canvas,
    distilSeconds: last?.seconds,
    onModel: (model) => progress(`deployment of ${model}`),
  });
}

async function analyse(
  run: string,
  set: string,
  { measure: { seed } }: EvaluationRequest,
  { work }: Reporting,
): Promise<string> {
  const onProgress = (model: string, part: string, done: number, total: number) =>
    work({ stage: `analysis of ${model}: ${part}`, done, total });
  return analysisText(await analyseRun(run, set, { onProgress, seed }));
}
