/** `bench`: measures speed, of a step, of reading, of cached features, of metrics, of serving; quality; choices. */
import { quality } from "../../recipes/quality.ts";
import { selectionProofs } from "../../recipes/selection.ts";
import { startEngine } from "../engine/backend.ts";
import { defineCommand, type Invocation, UsageError } from "../cli/command.ts";
import { machine, recordJson, recordLines, resultsFolder, today } from "../cli/recording.ts";
import { benchCache, cacheSetting, cacheTable } from "./bench_cache.ts";
import { benchEvaluate, evaluateSetting, evaluateTable } from "./bench_evaluate.ts";
import { benchList, listSetting, listTable } from "./bench_list.ts";
import { benchRead, largeFile, readTable } from "./bench_read.ts";
import { benchServe, serveSetting, serveTable } from "./bench_serve.ts";
import { benchDrift, driftSetting } from "./drift/bench_drift.ts";
import { driftTable } from "./drift/drift_table.ts";
import { benchUpdate, updateSetting } from "./drift/bench_update.ts";
import { updateBenchTable } from "./drift/update_table.ts";
import { benchStep, type WayName } from "./bench_step.ts";
import { benchProcesses, processesSetting, processesTable } from "./processes/bench_processes.ts";
import { benchQuality } from "./quality/bench_quality.ts";
import { qualityTable } from "./quality/quality_table.ts";
import { recordQuality } from "./quality/record_quality.ts";
import { benchSelect } from "./selection/bench_select.ts";
import { recordSelect } from "./selection/record_select.ts";
import { selectTable } from "./selection/select_table.ts";
import { type BenchSetting, type BenchStudent, standardSettings } from "./step_setting.ts";
import { stepTable } from "./step_table.ts";

const allWays: readonly WayName[] = ["eager", "graph", "xla", "bf16"];

/** XLA takes ten times as long for convolutions on processors, and few of their products are matrices'. */
const convolutionalWays: readonly WayName[] = ["eager", "graph"];

const options = {
  student: {
    type: "text",
    value: "KIND",
    summary: `of the step: ${Object.keys(standardSettings).join(" or ")} (default transformer)`,
  },
  pytorch: { type: "flag", summary: "also times the same step in PyTorch" },
  python: {
    type: "text",
    value: "PYTHON",
    summary: "one that has PyTorch or scikit-learn (default python3)",
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
  record: { type: "flag", summary: "also keeps the result in data/results" },
  minutes: { type: "list", value: "N", summary: "of the runs of quality (10,30)" },
  seeds: { type: "number", value: "N", summary: "of each row of quality (3)" },
  options: { type: "list", value: "NAME", summary: "only these rows of quality" },
  validate: {
    type: "flag",
    summary: "quality on held-out train images, by which the best combination is chosen",
  },
  runs: {
    type: "text",
    value: "FOLDER",
    summary: "run folders of quality and update; default runs/NAME",
  },
} as const;

type BenchInvocation = Invocation<typeof options>;

/** Outcome of a bench, which can be recorded unless it has no name. */
interface Outcome {
  readonly result: unknown;
  readonly lines: readonly string[];
  /** Name of the recorded files. */
  readonly name?: string;
  /** Command that makes the record. */
  readonly command?: string;
  /** Keeps the record, where it is another one than lines and numbers. */
  readonly record?: () => Promise<void>;
}

const benches: Readonly<Record<string, (invocation: BenchInvocation) => Promise<Outcome>>> = {
  async step({ options, progress }) {
    const repeats = repeatsOf(options.repeats, 7);
    const student = studentOf(options.student);
    const setting: BenchSetting = settingOf(standardSettings[student], options.set);
    const ways = waysOf(options.ways, student);
    const result = await benchStep(setting, await startEngine(), {
      ways,
      repeats,
      python: options.python ?? (options.pytorch ? "python3" : undefined),
      onProgress: progress,
    });
    const convolutional = student === "transformer" ? "" : ` --student ${student}`;
    const beside = result.pytorch === null ? "" : " --pytorch";
    const command = `deno task bench step${convolutional}${beside} --record`;
    const name = student === "transformer" ? "bench_step" : `bench_step_${student}`;
    return { result, lines: stepTable(result), name, command };
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
  async update({ options: { set, runs = "runs/bench_update" }, progress }) {
    const result = await benchUpdate(settingOf(updateSetting, set), runs, progress);
    const command = "deno task bench update --record";
    return { result, lines: updateBenchTable(result), name: "bench_update", command };
  },
  async quality({ options, progress, work }) {
    const { validate, record, seeds = 3, runs = "runs/quality" } = options;
    if (validate && record) {
      throw new UsageError(
        "Found --validate with --record, expected one: the record is of test images",
      );
    }
    const minutes = minutesOf(options.minutes);
    const request = {
      minutes,
      seeds: repeatsOf(seeds, 3, "seeds"),
      validate,
      options: options.options,
    };
    const measured = await benchQuality(quality, request, {
      ...{ runs, onProgress: progress, onWork: work },
      stamp: { date: today(), machine: machine() },
    });
    const { plan, outcome, finished } = measured;
    const lines = qualityTable(quality, outcome, plan);
    const command = `deno task bench quality --minutes ${minutes} --seeds ${seeds} --record`;
    return finished
      ? {
        ...{ result: outcome.results, lines },
        record: () => recordQuality(quality, measured, { results: resultsFolder(), runs, command }),
      }
      : { result: outcome.results, lines: [...lines, "stopped; the same command resumes it"] };
  },
  async select({ progress, work }) {
    await startEngine();
    const shown = { onProgress: progress, onWork: work };
    const result = await benchSelect(selectionProofs, { results: resultsFolder(), ...shown });
    const lines = selectTable(result), command = "deno task bench select --record";
    return { result, lines, record: () => recordSelect(result, resultsFolder(), command) };
  },
};

/** The command, as a value. */
export const bench = defineCommand({
  name: "bench",
  group: "measure",
  summary:
    "Measures speed: of a step, of reading, of cached features, of metrics, of serving; and quality",
  details:
    "step: one training step of a student in every way of running it, in turn with PyTorch's.\n" +
    "read: reading of a large checkpoint, and the memory that it needs.\n" +
    "list: listing of a large zip and a large folder of images, and the memory that it needs.\n" +
    "cache: epochs with and without cached teacher features.\n" +
    "evaluate: k-NN and logistic regression, in turn with scikit-learn's.\n" +
    "serve: answers a second of the server of a student, and what it does when ten times as many ask.\n" +
    "processes: images a second of 1, 2 … processes on a core each, and the sum between two.\n" +
    "drift: false alarms of the tests for drift, and what graded drifts they find.\n" +
    "update: an update of a run with new images, beside a run from scratch.\n" +
    "quality: accuracy after equal minutes of each way to save computing; finished runs are kept.\n" +
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
    await recordJson(name, result);
    await recordLines(name, lines, command);
  },
});

function repeatsOf(repeats: number | undefined, standard: number, name = "repeats"): number {
  if (repeats === undefined) return standard;
  if (Number.isInteger(repeats) && repeats >= 1) return repeats;
  throw new UsageError(`Found --${name} ${repeats}, expected a whole number from 1`);
}

function minutesOf(texts: readonly string[]): number[] {
  if (texts.length === 0) return [10, 30];
  const minutes = texts.map(Number);
  if (minutes.every((value) => value > 0 && Number.isFinite(value))) {
    return [...new Set(minutes)].sort((a, b) => a - b);
  }
  throw new UsageError(
    `Found --minutes ${texts.join(",")}, expected numbers above 0, such as 10,30`,
  );
}

function studentOf(name = "transformer"): BenchStudent {
  if (Object.hasOwn(standardSettings, name)) return name as BenchStudent;
  throw new UsageError(
    `Found --student ${name}, expected one of ${Object.keys(standardSettings).join(", ")}`,
  );
}

/** A standard setting, whose numbers are changed by name. */
function settingOf<Setting extends object>(standard: Setting, changes: readonly string[]): Setting {
  const numbers = Object.entries(standard).flatMap(([name, value]) =>
    typeof value === "number" ? [name] : []
  );
  const setting: { [name: string]: number } = {};
  for (const change of changes) {
    const [name = "", text = ""] = change.split("=");
    const value = Number(text);
    if (!numbers.includes(name) || !Number.isInteger(value) || value < 1) {
      throw new UsageError(
        `Found --set ${change}, expected KEY=NUMBER with a whole number and a key of ` +
          numbers.join(", "),
      );
    }
    setting[name] = value;
  }
  return { ...standard, ...setting };
}

function waysOf(names: readonly string[], student: BenchStudent): readonly WayName[] {
  if (names.length === 0) return student === "transformer" ? allWays : convolutionalWays;
  const unknown = names.filter((name) => !allWays.some((way) => way === name));
  if (unknown.length === 0) return allWays.filter((way) => names.includes(way));
  throw new UsageError(`Found --ways ${names.join(",")}, expected some of ${allWays.join(",")}`);
}
