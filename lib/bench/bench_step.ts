/** Times one distillation step in every way of running it, in turn with PyTorch's. */
import process from "node:process";
import type { Engine } from "../engine/backend.ts";
import { processorName } from "../cli/recording.ts";
import { type GemmTimer, gemmTimer, median, opMicroseconds } from "./bench_engine.ts";
import {
  type PyTorch,
  type PyTorchRequest,
  startPyTorch,
  type WaitPolicy,
} from "./bench_pytorch.ts";
import type { BenchSetting } from "./step_setting.ts";
import { makeStepBenchmark, stepVariants, type TimedStep } from "./step_benchmark.ts";

/** A way of running the step that can be left out. */
export type WayName = "eager" | "graph" | "xla" | "bf16";

/** Options of {@linkcode benchStep}. */
export interface BenchOptions {
  readonly ways: readonly WayName[];
  /** Rounds; in each, everything is timed once. */
  readonly repeats: number;
  /** A Python with PyTorch. Default: PyTorch is not timed. */
  readonly python?: string | undefined;
  readonly onProgress?: (line: string) => void;
}

/** Times are medians in milliseconds, null where they were left out. */
export interface StepBench {
  readonly setting: BenchSetting;
  readonly repeats: number;
  readonly eagerMs: number | null;
  readonly graphMs: number | null;
  readonly xlaMs: number | null;
  /** As a graph, matrix products in bfloat16. */
  readonly bf16Ms: number | null;
  readonly fastest: WayName;
  /** Of the fastest way. */
  readonly imagesPerSecond: number;
  readonly gflopPerStep: number;
  /** The engine's rate in large matrix products, fp32 and bfloat16. */
  readonly gemmGflops: number;
  readonly bf16GemmGflops: number;
  /** Rate of the fastest fp32 way over that of matrix products alone; the same in bfloat16. */
  readonly fractionOfGemm: number | null;
  readonly bf16FractionOfGemm: number | null;
  /** The same of the best product of the machine: the engine's or PyTorch's, whichever is faster. */
  readonly fractionOfBest: number | null;
  readonly bf16FractionOfBest: number | null;
  readonly pytorch: PyTorchBench | null;
  /** PyTorch's time over ours in the same precision, medians of the rounds; above 1 we are faster. */
  readonly ratios: Ratios | null;
  /** The same of processor time, all threads together, which other processes change least. */
  readonly processorRatios: Ratios | null;
  readonly opMicroseconds: number;
  /** Time of a step that computes nothing: calls, passing of tensors, reading of the report. */
  readonly hostMsPerCompiledStep: number;
  readonly machine: {
    readonly cores: number;
    readonly cpu: string;
    /** Runnable processes, mean of a minute, before and after; the bench's are among the latter. */
    readonly load: readonly [before: number, after: number];
  };
  readonly engine: string;
  readonly date: string;
}

/** Null where one side was left out; fp32 is our faster one of graph and XLA. */
export interface Ratios {
  readonly fp32: number | null;
  readonly bf16: number | null;
}

/** PyTorch's side of the comparison. */
export interface PyTorchBench {
  readonly version: string;
  /** How its threads wait for one another: the faster way on this machine at the time. */
  readonly waitPolicy: WaitPolicy;
  readonly fp32Ms: number;
  /** Null, like `bf16GemmGflops`, where PyTorch has no fast bfloat16 for this processor. */
  readonly bf16Ms: number | null;
  readonly gemmGflops: number;
  readonly bf16GemmGflops: number | null;
}

const gemmSize = 2048;

/** One measurement: milliseconds, or a rate, and the processor time that it took. */
interface Turn {
  readonly value: number;
  readonly processor: number;
}

/** Everything that is timed, with its measurements. */
type Turns = Map<string, { readonly turn: () => Promise<Turn>; readonly measured: Turn[] }>;

/**
 * Times the step in the chosen ways, matrix products alone, and PyTorch where a Python is named.
 *
 * @throws {UserError} where the Python cannot be used.
 */
export async function benchStep(
  setting: BenchSetting,
  engine: Engine,
  options: BenchOptions,
): Promise<StepBench> {
  const { repeats, python, onProgress = () => {} } = options;
  const names = engine.compiles ? options.ways : ["eager" as const];
  const threads = navigator.hardwareConcurrency, before = load();
  const pytorch = python === undefined
    ? undefined
    : await startPyTorch(python, { ...setting, threads, gemmSize });
  const benchmark = makeStepBenchmark(setting);
  const steps = names.map((name) => [name, benchmark.prepare(stepVariants[name])] as const);
  const gemms = [gemmTimer(gemmSize, "float32"), gemmTimer(gemmSize, "bfloat16")] as const;
  const empty = benchmark.prepare(stepVariants.empty);
  try {
    const turns = turnsOf(steps, gemms, pytorch);
    await takeTurns(turns, repeats, onProgress);
    const gflopPerStep = await benchmark.gflopPerStep();
    const opCost = opMicroseconds();
    return {
      ...summarise(setting, { turns, names, gflopPerStep, pytorch, repeats }),
      opMicroseconds: opCost,
      hostMsPerCompiledStep: await medianOf(20, empty),
      machine: {
        cores: threads,
        cpu: processorName(),
        load: [before, load()],
      },
      engine: `${engine.backend} ${engine.version}`,
      date: new Date().toISOString(),
    };
  } finally {
    await pytorch?.close();
    for (const disposable of [...steps.map(([, step]) => step), ...gemms, empty, benchmark]) {
      disposable.dispose();
    }
  }
}

function turnsOf(
  steps: readonly (readonly [WayName, TimedStep])[],
  gemms: readonly [GemmTimer, GemmTimer],
  pytorch: PyTorch | undefined,
): Turns {
  const turns: Turns = new Map();
  const add = (name: string, turn: () => Promise<Turn>) => turns.set(name, { turn, measured: [] });
  const ours = (name: string, run: () => Promise<number>) =>
    add(name, async () => {
      const start = process.cpuUsage();
      const value = await run();
      const { user, system } = process.cpuUsage(start);
      return { value, processor: (user + system) / 1000 };
    });
  for (const [name, step] of steps) ours(name, async () => (await step()).milliseconds);
  ours("gemm fp32", gemms[0]);
  ours("gemm bf16", gemms[1]);
  if (pytorch === undefined) return turns;
  const requests: readonly PyTorchRequest[] = pytorch.bfloat16
    ? ["fp32", "bf16", "gemm fp32", "gemm bf16"]
    : ["fp32", "gemm fp32"];
  for (const request of requests) {
    add(`pytorch ${request}`, async () => {
      const { milliseconds, processor, value } = await pytorch.run(request);
      return { value: request.startsWith("gemm") ? value : milliseconds, processor };
    });
  }
  return turns;
}

/** Runs everything untimed first, which compiles it, then round by round. */
async function takeTurns(
  turns: Turns,
  repeats: number,
  onProgress: (line: string) => void,
): Promise<void> {
  for (const [name, { turn }] of turns) {
    onProgress(`first run: ${name}`);
    await turn();
    await turn();
  }
  for (let round = 1; round <= repeats; round++) {
    for (const { turn, measured } of turns.values()) measured.push(await turn());
    const latest = [...turns].filter(([name]) => !name.includes("gemm"))
      .map(([name, { measured }]) => `${name} ${measured.at(-1)?.value.toFixed(0)} ms`);
    onProgress(`round ${round} of ${repeats}: ${latest.join(", ")}`);
  }
}

function summarise(
  setting: BenchSetting,
  { turns, names, gflopPerStep, pytorch, repeats }: {
    readonly turns: Turns;
    readonly names: readonly WayName[];
    readonly gflopPerStep: number;
    readonly pytorch: PyTorch | undefined;
    readonly repeats: number;
  },
) {
  const measured = (name: string) => turns.get(name)?.measured ?? [];
  const medianValue = (name: string) =>
    turns.has(name) ? median(measured(name).map(({ value }) => value)) : null;
  const number = (name: string) => medianValue(name) ?? NaN;
  const fastestOf = (candidates: readonly WayName[]) =>
    candidates.filter((name) => turns.has(name)).sort((a, b) => number(a) - number(b))[0];
  const fastest = fastestOf(names) ?? "eager", fp32 = fastestOf(["graph", "xla"]);
  const fraction = (name: WayName | undefined, gemm: number) =>
    name && turns.has(name) ? gflopPerStep / (number(name) / 1000) / gemm : null;
  const ratio = (precision: string, name: WayName | undefined, field: keyof Turn) =>
    name && turns.has(name) && turns.has(`pytorch ${precision}`)
      ? median(
        measured(`pytorch ${precision}`).map((turn, i) => turn[field] / measured(name)[i]![field]),
      )
      : null;
  const ratios = (field: keyof Turn): Ratios | null =>
    pytorch === undefined
      ? null
      : { fp32: ratio("fp32", fp32, field), bf16: ratio("bf16", "bf16", field) };
  const gemmGflops = number("gemm fp32"), bf16GemmGflops = number("gemm bf16");
  const best = (precision: string) =>
    Math.max(number(`gemm ${precision}`), medianValue(`pytorch gemm ${precision}`) ?? 0);
  return {
    setting,
    repeats,
    eagerMs: medianValue("eager"),
    graphMs: medianValue("graph"),
    xlaMs: medianValue("xla"),
    bf16Ms: medianValue("bf16"),
    fastest,
    imagesPerSecond: 1000 * setting.batch / number(fastest),
    gflopPerStep,
    gemmGflops,
    bf16GemmGflops,
    fractionOfGemm: fraction(fp32, gemmGflops),
    bf16FractionOfGemm: fraction("bf16", bf16GemmGflops),
    fractionOfBest: fraction(fp32, best("fp32")),
    bf16FractionOfBest: fraction("bf16", best("bf16")),
    pytorch: pytorch === undefined ? null : {
      version: pytorch.version,
      waitPolicy: pytorch.waitPolicy,
      fp32Ms: number("pytorch fp32"),
      bf16Ms: medianValue("pytorch bf16"),
      gemmGflops: number("pytorch gemm fp32"),
      bf16GemmGflops: medianValue("pytorch gemm bf16"),
    },
    ratios: ratios("value"),
    processorRatios: ratios("processor"),
  };
}

async function medianOf(count: number, step: TimedStep): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) times.push((await step()).milliseconds);
  return median(times);
}

function load(): number {
  return Deno.loadavg()[0] ?? NaN;
}
