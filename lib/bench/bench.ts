/**
 * `deno task bench step`: how fast a distillation step is here, and against PyTorch.
 * `deno task bench read`: how fast a checkpoint is read, and in how much memory.
 * `deno task bench cache`: what keeping the teachers' features on disk is worth.
 * `deno task bench evaluate`: how fast features are measured, and against scikit-learn.
 */
import { writeFileAtomic } from "../io/atomic_file.ts";
import { startEngine } from "../engine/backend.ts";
import { UserError } from "../errors/user_error.ts";
import { benchCache, cacheSetting, cacheTable } from "./bench_cache.ts";
import { benchEvaluate, evaluateSetting, evaluateTable } from "./bench_evaluate.ts";
import { standardSetting } from "./step_setting.ts";
import { benchRead, largeFile, readTable } from "./bench_read.ts";
import { benchStep, type StepBench, type WayName } from "./bench_step.ts";
import { defineCommand, main } from "../cli/command.ts";
import { refreshResultPages } from "../report/records/result_pages.ts";
import { resultsFolder, today } from "../cli/commands/recording.ts";

const allWays: readonly WayName[] = ["eager", "graph", "xla", "bf16"];

/** The command, as a value. */
export const bench = defineCommand({
  name: "bench",
  summary: "Times one training step in every way of running it, and PyTorch's in turn with ours; " +
    "or the reading of a large checkpoint; or epochs with and without cached features; or k-NN and logistic regression, and scikit-learn's in turn",
  example: "deno task bench step --pytorch --python .venv/bin/python",
  positionals: ["step|read|cache|evaluate"],
  options: {
    pytorch: { type: "flag", summary: "also times the same step in PyTorch" },
    python: {
      type: "text",
      value: "PYTHON",
      summary: "one that has PyTorch or scikit-learn (default python3)",
    },
    repeats: { type: "number", value: "N", summary: "rounds, of which medians are taken (7)" },
    ways: { type: "text", value: "NAMES", summary: `of ${allWays.join(",")} (default all)` },
    set: { type: "list", value: "KEY=NUMBER", summary: "another setting, such as width=96" },
    record: { type: "flag", summary: "also keeps the result in data/results" },
  },
  run: async ({ positionals, options, say, progress, emit }) => {
    if (positionals[0] === "read") {
      const result = await benchRead(largeFile, progress);
      for (const line of readTable(result)) say(line);
      return emit(result);
    }
    const repeats = options.repeats ?? (positionals[0] === "step" ? 7 : 3);
    if (!Number.isInteger(repeats) || repeats < 1) {
      throw new UserError(`Found --repeats ${repeats}, expected a whole number from 1`);
    }
    if (positionals[0] === "cache") {
      await startEngine();
      const setting = settingOf(cacheSetting, options.set);
      const result = await benchCache(setting, { repeats, onProgress: progress });
      const lines = cacheTable(result);
      for (const line of lines) say(line);
      emit(result);
      if (options.record) {
        await record("bench_cache", result, [
          ...lines,
          `deno task bench cache --record, ${today()}`,
        ]);
      }
      return;
    }
    if (positionals[0] === "evaluate") {
      await startEngine();
      const result = await benchEvaluate(settingOf(evaluateSetting, options.set), {
        repeats,
        onProgress: progress,
        ...options.python === undefined ? {} : { python: options.python },
      });
      const lines = evaluateTable(result);
      for (const line of lines) say(line);
      emit(result);
      if (options.record) {
        const python = options.python === undefined ? "" : " --python PYTHON";
        await record("bench_evaluate", result, [
          ...lines,
          `deno task bench evaluate${python} --record, ${today()}`,
        ]);
      }
      return;
    }
    if (positionals[0] !== "step") {
      throw new UserError(
        `Found no bench named ${positionals[0]}, expected step, read, cache or evaluate`,
      );
    }
    const setting = settingOf(standardSetting, options.set);
    const python = options.python ?? (options.pytorch ? "python3" : undefined);
    const result = await benchStep(setting, await startEngine(), {
      ways: waysOf(options.ways),
      repeats,
      ...python === undefined ? {} : { python },
      onProgress: progress,
    });
    const lines = table(result);
    for (const line of lines) say(line);
    emit(result);
    const command = `deno task bench step${result.pytorch === null ? "" : " --pytorch"} --record`;
    if (options.record) await record("bench_step", result, [...lines, `${command}, ${today()}`]);
  },
});

/** A standard setting of numbers, changed by name. */
function settingOf<Setting extends { readonly [Name in keyof Setting]: number }>(
  standard: Setting,
  changes: readonly string[],
): Setting {
  const setting: { [name: string]: number } = { ...standard };
  for (const change of changes) {
    const [name = "", text = ""] = change.split("=");
    const value = Number(text);
    if (!(name in setting) || !Number.isInteger(value) || value < 1) {
      const known = Object.keys(standard).join(", ");
      throw new UserError(
        `Found --set ${change}, expected KEY=NUMBER with a whole number and a key of ${known}`,
      );
    }
    setting[name] = value;
  }
  return { ...standard, ...setting };
}

function waysOf(text: string | undefined): readonly WayName[] {
  const names = text?.split(",") ?? allWays;
  const unknown = names.filter((name) => !allWays.some((way) => way === name));
  if (unknown.length === 0) return allWays.filter((way) => names.includes(way));
  throw new UserError(`Found --ways ${text}, expected some of ${allWays.join(",")}`);
}

/** `NAME.json`, and the table for people as Markdown. */
async function record(name: string, result: unknown, lines: readonly string[]): Promise<void> {
  const folder = resultsFolder();
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(`${folder}/${name}.json`, JSON.stringify(result, null, 2) + "\n");
  await writeFileAtomic(`${folder}/${name}.md`, "```text\n" + lines.join("\n") + "\n```\n");
  await refreshResultPages(folder);
}

/** The result for people. */
function table(result: StepBench): string[] {
  const { setting, pytorch, ratios, processorRatios, machine } = result;
  const ms = (name: string, value: number | null, note = "") =>
    value === null ? [] : [`  ${name.padEnd(22)}${value.toFixed(0).padStart(7)} ms${note}`];
  const times = (precision: "fp32" | "bf16") => {
    const ratio = ratios?.[precision], processor = processorRatios?.[precision];
    return ratio == null || processor == null
      ? ""
      : `   ours is ${ratio.toFixed(2)} times as fast (${processor.toFixed(2)} in processor time)`;
  };
  const percent = (share: number | null) => share === null ? "?" : `${Math.round(100 * share)} %`;
  return [
    `One step: batch ${setting.batch}, ${setting.imageSize} px, ViT of width ${setting.width} and ` +
    `depth ${setting.depth}, ${setting.teachers} teachers of width ${setting.teacherWidth}; ` +
    `${result.gflopPerStep.toFixed(0)} GFLOP`,
    ...ms("eager", result.eagerMs),
    ...ms("graph", result.graphMs),
    ...ms("XLA", result.xlaMs),
    ...ms("graph, bfloat16", result.bf16Ms),
    ...ms("PyTorch fp32", pytorch?.fp32Ms ?? null, times("fp32")),
    ...ms("PyTorch bfloat16", pytorch?.bf16Ms ?? null, times("bf16")),
    `${result.imagesPerSecond.toFixed(1)} images/s (${result.fastest}); of the rate of matrix ` +
    `products alone, ${result.gemmGflops.toFixed(0)} GFLOP/s in fp32 and ` +
    `${result.bf16GemmGflops.toFixed(0)} in bfloat16: ${percent(result.fractionOfGemm)} and ` +
    percent(result.bf16FractionOfGemm),
    ...pytorch === null ? [] : [
      `PyTorch ${pytorch.version} multiplies at ${pytorch.gemmGflops.toFixed(0)} ` +
      (pytorch.bf16GemmGflops === null
        ? "GFLOP/s and has no fast bfloat16 for this processor"
        : `and ${pytorch.bf16GemmGflops.toFixed(0)} GFLOP/s`) +
      `; its threads wait ${pytorch.waitPolicy}ly`,
    ],
    `Engine: ${result.opMicroseconds.toFixed(1)} µs per eager op, ` +
    `${result.hostMsPerCompiledStep.toFixed(2)} ms on the host per compiled step`,
    `${machine.cpu}, ${machine.cores} cores, load ${
      machine.load.map((l) => l.toFixed(1)).join(" to ")
    }`,
  ];
}

if (import.meta.main) await main(bench);
