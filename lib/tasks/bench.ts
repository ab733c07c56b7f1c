/**
 * `deno task bench step`: how fast a distillation step is here, and against PyTorch.
 * `deno task bench read`: how fast a checkpoint is read, and in how much memory.
 */
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../atomic_file.ts";
import { startEngine } from "../engine/backend.ts";
import { UserError } from "../user_error.ts";
import { type BenchSetting, standardSetting } from "./bench_setting.ts";
import { benchRead, largeFile, readTable } from "./bench_read.ts";
import { benchStep, type StepBench, type WayName } from "./bench_step.ts";
import { defineCommand, main } from "./command.ts";

const allWays: readonly WayName[] = ["eager", "graph", "xla", "bf16"];

/** The command, as a value. */
export const bench = defineCommand({
  name: "bench",
  summary: "Times one training step in every way of running it, and PyTorch's in turn with ours; " +
    "or the reading of a large checkpoint",
  example: "deno task bench step --pytorch --python .venv/bin/python",
  positionals: ["step|read"],
  options: {
    pytorch: { type: "flag", summary: "also times the same step in PyTorch" },
    python: { type: "text", value: "PYTHON", summary: "one that has PyTorch (default python3)" },
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
    if (positionals[0] !== "step") {
      throw new UserError(`Found no bench named ${positionals[0]}, expected step or read`);
    }
    const setting = settingOf(options.set), repeats = options.repeats ?? 7;
    if (!Number.isInteger(repeats) || repeats < 1) {
      throw new UserError(`Found --repeats ${repeats}, expected a whole number from 1`);
    }
    const python = options.python ?? (options.pytorch ? "python3" : undefined);
    const result = await benchStep(setting, await startEngine(), {
      ways: waysOf(options.ways),
      repeats,
      ...python === undefined ? {} : { python },
      onProgress: progress,
    });
    for (const line of table(result)) say(line);
    emit(result);
    if (options.record) await record(result);
  },
});

/** Parts of the standard setting, changed by name. */
function settingOf(changes: readonly string[]): BenchSetting {
  const setting: { [name: string]: number } = { ...standardSetting };
  for (const change of changes) {
    const [name = "", text = ""] = change.split("=");
    const value = Number(text);
    if (!(name in setting) || !Number.isInteger(value) || value < 1) {
      const known = Object.keys(standardSetting).join(", ");
      throw new UserError(
        `Found --set ${change}, expected KEY=NUMBER with a whole number and a key of ${known}`,
      );
    }
    setting[name] = value;
  }
  return { ...standardSetting, ...setting };
}

function waysOf(text: string | undefined): readonly WayName[] {
  const names = text?.split(",") ?? allWays;
  const unknown = names.filter((name) => !allWays.some((way) => way === name));
  if (unknown.length === 0) return allWays.filter((way) => names.includes(way));
  throw new UserError(`Found --ways ${text}, expected some of ${allWays.join(",")}`);
}

/** `bench_step.json`, and the table for people as Markdown. */
async function record(result: StepBench): Promise<void> {
  const folder = fileURLToPath(new URL("../../data/results", import.meta.url));
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(`${folder}/bench_step.json`, JSON.stringify(result, null, 2) + "\n");
  const command = `deno task bench step${result.pytorch === null ? "" : " --pytorch"} --record`;
  const text = [...table(result), `${command}, ${result.date.slice(0, 10)}`].join("\n");
  await writeFileAtomic(`${folder}/bench_step.md`, "```text\n" + text + "\n```\n");
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
