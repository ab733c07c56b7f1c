/** `bench`: measures speed, of a step, of a whole job, of reading, of cached features, of metrics, of serving; quality; choices. */
import { startEngine } from "../engine/backend.ts";
import { defineCommand, type Invocation, UsageError } from "../cli/command.ts";
import { machineFolder, recordJson, recordLines } from "../cli/recording.ts";
import { benchCache, cacheSetting, cacheTable } from "./bench_cache.ts";
import { benchEvaluate, evaluateSetting, evaluateTable } from "./bench_evaluate.ts";
import { benchList, listSetting, listTable } from "./bench_list.ts";
import { benchRead, largeFile, readTable } from "./bench_read.ts";
import { benchServe, serveSetting, serveTable } from "./bench_serve.ts";
import { benchDrift, driftSetting } from "./drift/bench_drift.ts";
import { driftTable } from "./drift/drift_table.ts";
import { benchUpdate, updateSetting } from "./drift/bench_update.ts";
import { updateBenchTable } from "./drift/update_table.ts";
import {
  allWays,
  convolutionalWays,
  oneOf,
  pythonOf,
  repeatsOf,
  settingOf,
  waysOf,
} from "./bench_arguments.ts";
import { benchStep } from "./bench_step.ts";
import { benchJobs } from "./job/bench_job.ts";
import { jobSettings, jobStudents } from "./job/job_setting.ts";
import { jobTable } from "./job/job_table.ts";
import { benchProcesses, processesSetting, processesTable } from "./processes/bench_processes.ts";
import { benchRounding, roundingSetting } from "./rounding/bench_rounding.ts";
import { roundingTable } from "./rounding/rounding_table.ts";
import { type BenchSetting, standardSettings } from "./step_setting.ts";
import { choiceBenches } from "./choice_benches.ts";
import { scaleBenches } from "./scale_benches.ts";
import { stepTable } from "./step_table.ts";

const options = {
  student: {
    type: "text",
    value: "KIND",
    summary: `of step or job: ${
      Object.keys(standardSettings).join(" or ")
    } (transformer; of job both)`,
  },
  pytorch: { type: "flag", summary: "also times the same step or job in PyTorch" },
  python: {
    type: "text",
    value: "PYTHON",
    summary: "one that has PyTorch or scikit-learn (of step and job HASHIGO_PYTHON, else python3)",
  },
  repeats: { type: "number", value: "N", summary: "rounds, of which medians are taken (7)" },
  ways: {
    type: "list",
    value: "NAME",
    summary: `some of ${allWays.join(", ")} (default all; of convolutions ${
      convolutionalWays.join(", ")
    })`,
  },
  set: { type: "list", value: "KEY=NUMBER", summary: "another setting, such as width=96" },
  record: {
    type: "flag",
    summary: "also keeps the result in data/results, those of speed under the processor's name",
  },
  minutes: { type: "list", value: "N", summary: "of the runs of quality (10,30)" },
  seeds: { type: "number", value: "N", summary: "of each row of quality (3)" },
  options: { type: "list", value: "NAME", summary: "only these rows of quality" },
  validate: {
    type: "flag",
    summary: "quality and update on a part of the train images, by which settings are chosen",
  },
  "plan-only": {
    type: "flag",
    summary:
      "only measures how many steps fit the minutes of each row of quality; do it while nothing else runs",
  },
  runs: {
    type: "text",
    value: "FOLDER",
    summary: "run folders of quality, update and paper, the run of rounding; default runs/NAME",
  },
} as const;

type BenchInvocation = Invocation<typeof options>;

/** Refuses to keep what settings are chosen by. */
function checkRecorded(
  { validate, record }: Pick<BenchInvocation["options"], "validate" | "record">,
) {
  if (!validate || !record) return;
  throw new UsageError(
    "Found --validate with --record, expected one: the record is of test images",
  );
}

/** Outcome of a bench, which can be recorded unless it has no name. */
interface Outcome {
  readonly result: unknown;
  readonly lines: readonly string[];
  /** Name of the recorded files, in the folder of this machine's processor. */
  readonly name?: string | undefined;
  /** Command that makes the record. */
  readonly command?: string;
  /** Keeps the record, where it is another one than lines and numbers. */
  readonly record?: () => Promise<void>;
}

const benches: Readonly<Record<string, (invocation: BenchInvocation) => Promise<Outcome>>> = {
  async step({ options, progress }) {
    const repeats = repeatsOf(options.repeats, 7);
    const student = oneOf(standardSettings, options.student ?? "transformer");
    const setting: BenchSetting = settingOf(standardSettings[student], options.set);
    const ways = waysOf(options.ways, student);
    const result = await benchStep(setting, await startEngine(), {
      ways,
      repeats,
      python: pythonOf(options),
      onProgress: progress,
    });
    const convolutional = student === "transformer" ? "" : ` --student ${student}`;
    const beside = result.pytorch === null ? "" : " --pytorch";
    const command = `deno task bench step${convolutional}${beside} --record`;
    const name = student === "transformer" ? "bench_step" : `bench_step_${student}`;
    return { result, lines: stepTable(result), name, command };
  },
  async job({ options, progress }) {
    const { student, set, repeats } = options;
    const rounds = repeatsOf(repeats, 3);
    const students = student === undefined ? jobStudents : [oneOf(jobSettings, student)];
    const settings = students.map((name) => settingOf(jobSettings[name], set));
    await startEngine();
    const python = pythonOf(options);
    const result = await benchJobs(settings, { repeats: rounds, python, onProgress: progress });
    const given = [
      ...student === undefined ? [] : ["--student", student],
      ...set.flatMap((change) => ["--set", change]),
      ...repeats === undefined ? [] : ["--repeats", repeats],
      ...result.jobs.every(({ pytorch }) => pytorch === null) ? [] : ["--pytorch"],
    ];
    const command = ["deno task bench job", ...given, "--record"].join(" ");
    return { result, lines: jobTable(result), name: "bench_job", command };
  },
  async read({ progress }) {
    const result = await benchRead(largeFile, progress);
    return { result, lines: readTable(result) };
  },
  async list({ options, progress }) {
    const result = await benchList(settingOf(listSetting, options.set), progress);
    const command = "deno task bench list --record";
    return { result, lines: listTable(result), name: "bench_list", command };
  },
  async cache({ options, progress }) {
    const repeats = repeatsOf(options.repeats, 3);
    await startEngine();
    const setting = settingOf(cacheSetting, options.set);
    const result = await benchCache(setting, { repeats, onProgress: progress });
    const command = "deno task bench cache --record";
    return { result, lines: cacheTable(result), name: "bench_cache", command };
  },
  async evaluate({ options: { repeats, set, python }, progress }) {
    const rounds = repeatsOf(repeats, 3);
    await startEngine();
    const result = await benchEvaluate(settingOf(evaluateSetting, set), {
      repeats: rounds,
      onProgress: progress,
      python,
    });
    const command = `deno task bench evaluate${
      python === undefined ? "" : " --python PYTHON"
    } --record`;
    return { result, lines: evaluateTable(result), name: "bench_evaluate", command };
  },
  async serve({ options: { set }, progress }) {
    const result = await benchServe(settingOf(serveSetting, set), progress);
    const command = "deno task bench serve --record";
    return { result, lines: serveTable(result), name: "bench_serve", command };
  },
  async processes({ options: { repeats, set }, progress }) {
    const rounds = repeatsOf(repeats, 3), setting = settingOf(processesSetting, set);
    const result = await benchProcesses(setting, { repeats: rounds, onProgress: progress });
    const turns = repeats === undefined ? "" : ` --repeats ${repeats}`;
    const command = `deno task bench processes${turns} --record`;
    return { result, lines: processesTable(result), name: "bench_processes", command };
  },
  async drift({ options: { set }, progress }) {
    const result = await benchDrift(settingOf(driftSetting, set), progress);
    const command = "deno task bench drift --record";
    return { result, lines: driftTable(result), name: "bench_drift", command };
  },
  async update({ options: { set, validate, record, runs = "runs/bench_update" }, progress }) {
    checkRecorded({ validate, record });
    const setting = settingOf(updateSetting, set);
    const result = await benchUpdate(setting, { runs, validate, onProgress: progress });
    const command = "deno task bench update --record";
    return { result, lines: updateBenchTable(result), name: "bench_update", command };
  },
  async rounding({ options: { set, runs = "runs/tiny_imagenet" }, progress }) {
    await startEngine();
    const result = await benchRounding(settingOf(roundingSetting, set), runs, progress);
    const command = `deno task bench rounding --runs ${runs} --record`;
    return { result, lines: roundingTable(result), name: "bench_rounding", command };
  },
  ...choiceBenches,
  ...scaleBenches,
};

/** The command, as a value. */
export const bench = defineCommand({
  name: "bench",
  group: "measure",
  summary:
    "Measures speed: of a step, of a whole job, of reading, of cached features, of metrics, of serving; and quality",
  details:
    "step: one training step of a student in every way of running it, in turn with PyTorch's.\n" +
    "job: a whole distillation, from encoded files to an updated student, in turn with PyTorch's.\n" +
    "read: reading of a large checkpoint, and the memory that it needs.\n" +
    "list: listing of a large zip and a large folder of images, and the memory that it needs.\n" +
    "cache: epochs with and without cached teacher features.\n" +
    "evaluate: k-NN and logistic regression, in turn with scikit-learn's.\n" +
    "serve: answers a second of the server of a student, and what it does when ten times as many ask.\n" +
    "processes: images a second of 1, 2 … processes on a core each, and the sum between two.\n" +
    "drift: false alarms of the tests for drift, and what graded drifts they find.\n" +
    "update: an update of a run with new images, beside a run from scratch.\n" +
    "rounding: what fewer bits cost a student's files in accuracy, and how far they turn its features.\n" +
    "quality: accuracy after equal minutes of each way to save computing; finished runs are kept.\n" +
    "gpu: kernels, a step, bfloat16, memory and PyTorch's speed on a graphics card; else says why not.\n" +
    "memory: what each way to save memory leaves of a step's.\n" +
    "state: what each of several processes keeps of the state, whole and sharded, beside the formula.\n" +
    "paper: three steps and a resume of the paper's own size, and the memory that they need.\n" +
    "scale: what the paper's setting costs on 1 to 64 cards, reckoned, beside what was measured here.\n" +
    "select: whether ways to choose teachers foretell which sets of them make good students.",
  example: "step --pytorch --python .venv/bin/python",
  positionals: [Object.keys(benches).join("|")],
  options,
  run: async (invocation) => {
    const [kind = ""] = invocation.positionals;
    const run = Object.hasOwn(benches, kind) ? benches[kind] : undefined;
    if (run === undefined) {
      throw new UsageError(
        `Found no bench named ${kind}, expected one of ${Object.keys(benches).join(", ")}`,
      );
    }
    const { result, lines, name, command, record } = await run(invocation);
    for (const line of lines) invocation.say(line);
    invocation.emit(result);
    if (invocation.options.record) await record?.();
    if (!invocation.options.record || name === undefined || command === undefined) return;
    const folder = machineFolder();
    await recordJson(`${folder}/numbers/${name}`, result);
    await recordLines(`${folder}/${name}`, lines, command);
  },
});
