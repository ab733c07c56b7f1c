/** `bench`: measures speed, of a training step, of reading weights, of cached features and of metrics. */
import { startEngine } from "../engine/backend.ts";
import { defineCommand, type Invocation, UsageError } from "../cli/command.ts";
import { recordJson, recordLines } from "../cli/recording.ts";
import { benchCache, cacheSetting, cacheTable } from "./bench_cache.ts";
import { benchEvaluate, evaluateSetting, evaluateTable } from "./bench_evaluate.ts";
import { benchList, listSetting, listTable } from "./bench_list.ts";
import { benchRead, largeFile, readTable } from "./bench_read.ts";
import { benchStep, type WayName } from "./bench_step.ts";
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
};

/** The command, as a value. */
export const bench = defineCommand({
  name: "bench",
  group: "measure",
  summary: "Measures speed: of a training step, of reading weights, of cached features, of metrics",
  details: "step: one training step in every way of running it, in turn with PyTorch's.\n" +
    "read: reading of a large checkpoint, and the memory that it needs.\n" +
    "list: listing of a large zip and a large folder of images, and the memory that it needs.\n" +
    "cache: epochs with and without cached teacher features.\n" +
    "evaluate: k-NN and logistic regression, in turn with scikit-learn's.",
  example: "step --pytorch --python .venv/bin/python",
  positionals: [Object.keys(benches).join("|")],
  options,
  run: async (invocation) => {
    const [kind = ""] = invocation.positionals;
    const run = Object.hasOwn(benches, kind) ? benches[kind] : undefined;
    if (run === undefined) {
      throw new UsageError(
        `Found no bench named ${kind}, expected step, read, list, cache or evaluate`,
      );
    }
    const { result, lines, name, command } = await run(invocation);
    for (const line of lines) invocation.say(line);
    invocation.emit(result);
    if (!invocation.options.record || name === undefined || command === undefined) return;
    await recordJson(name, result);
    await recordLines(name, lines, command);
  },
});

function repeatsOf(repeats: number | undefined, standard: number): number {
  if (repeats === undefined) return standard;
  if (Number.isInteger(repeats) && repeats >= 1) return repeats;
  throw new UsageError(`Found --repeats ${repeats}, expected a whole number from 1`);
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
