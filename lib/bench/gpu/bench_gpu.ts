/** Checks a graphics card: its kernels, a step, bfloat16, memory, and its speed beside PyTorch's. */
import type { Engine } from "../../engine/backend.ts";
import { UserError } from "../../errors/user_error.ts";
import { median } from "../bench_engine.ts";
import { startPython } from "../python_process.ts";
import { makeStepBenchmark, type StepBenchmark, stepVariants } from "../step_benchmark.ts";
import type { TransformerSetting } from "../step_setting.ts";
import { type DeviceLosses, deviceLosses, processorLosses } from "./device_losses.ts";

/** One thing that was looked at. */
export interface GpuCheck {
  readonly name: string;
  /** Null where it was skipped. */
  readonly ok: boolean | null;
  /** What was measured, or why it was skipped. */
  readonly detail: string;
}

/** Outcome of {@linkcode benchGpu}. */
export interface GpuBench {
  readonly device: string;
  readonly checks: readonly GpuCheck[];
  /** Milliseconds of a step; null where it was not measured. */
  readonly fp32Ms: number | null;
  readonly bf16Ms: number | null;
  readonly pytorchMs: number | null;
}

/** How long it looks. */
export interface GpuOptions {
  readonly setting: TransformerSetting;
  /** Steps of which the median is taken. */
  readonly repeats: number;
  /** Steps in bfloat16, and steps over which memory must stay flat. */
  readonly steps: number;
  readonly python: string;
  readonly onProgress?: (line: string) => void;
  /** The device that PyTorch is given. Default "cuda". */
  readonly pytorchDevice?: string;
  /** Compares kernels with a processor's. Default: in another process. */
  readonly kernels?: () => Promise<GpuCheck>;
}

/** Why there is no graphics card to check; undefined where there is one. */
export function gpuMissing(
  { devices }: Pick<Engine, "devices">,
  environment: (name: string) => string | undefined = (name) => Deno.env.get(name),
): string | undefined {
  if (devices.some((name) => name.includes("GPU"))) return undefined;
  return environment("HASHIGO_DEVICE") === "cpu"
    ? "HASHIGO_DEVICE=cpu hides graphics cards; leave it out"
    : `TensorFlow sees ${
      devices.join(", ")
    } and no graphics card; it needs an NVIDIA card and its driver`;
}

/** Looks at all; nothing is thrown for what is not right. */
export async function benchGpu(engine: Engine, options: GpuOptions): Promise<GpuBench> {
  const { setting, repeats, steps, onProgress = () => {} } = options;
  const device = engine.devices.find((name) => name.includes("GPU")) ?? engine.devices[0] ?? "none";
  const checks: GpuCheck[] = [];
  onProgress("kernels beside the processor's");
  const { kernels = async () => kernelCheck(await deviceLosses(), await processorLosses()) } =
    options;
  checks.push(await kernels());
  const benchmark = makeStepBenchmark(setting);
  try {
    onProgress("steps");
    const fp32Ms = Math.min(
      await millisecondsOf(benchmark, "graph", repeats),
      await millisecondsOf(benchmark, "xla", repeats),
    );
    checks.push({ name: "step", ok: fp32Ms > 0, detail: `${fp32Ms.toFixed(1)} ms in float32` });
    onProgress(`${steps} steps in bfloat16`);
    const { check, milliseconds: bf16Ms } = await halfPrecisionCheck(benchmark, steps);
    checks.push(check);
    onProgress(`${steps} steps whose memory must stay flat`);
    checks.push(await memoryCheck(benchmark, steps, engine));
    onProgress("PyTorch");
    const { check: beside, milliseconds: pytorchMs } = await pytorchCheck(options, bf16Ms);
    checks.push(beside);
    return { device, checks, fp32Ms, bf16Ms, pytorchMs };
  } finally {
    benchmark.dispose();
  }
}

/** Largest difference of losses as a share of them. */
const kernelTolerance = 1e-3;

/** Every kernel of a step in each way of running it, against the processor's. */
export function kernelCheck(found: DeviceLosses, expected: DeviceLosses): GpuCheck {
  const apart = Object.entries(expected).map(([name, losses]) => {
    const own = found[name] ?? [];
    const worst = losses.map((loss, i) => Math.abs((own[i] ?? NaN) - loss) / Math.abs(loss))
      .reduce((most, one) => one <= most ? most : one, 0);
    return { name, worst };
  });
  const wrong = apart.filter(({ worst }) => !(worst <= kernelTolerance));
  const most = Math.max(...apart.map(({ worst }) => worst));
  return {
    name: "kernels",
    ok: wrong.length === 0,
    detail: wrong.length === 0
      ? `losses of ${apart.length} ways are within ${most.toExponential(1)} of the processor's`
      : wrong.map(({ name, worst }) => `${name}: ${worst.toExponential(1)} apart`).join("; "),
  };
}

async function millisecondsOf(
  benchmark: StepBenchmark,
  way: "graph" | "xla",
  repeats: number,
): Promise<number> {
  const step = benchmark.prepare(stepVariants[way]), times: number[] = [];
  await step();
  for (let i = 0; i < repeats; i++) times.push((await step()).milliseconds);
  step.dispose();
  return median(times);
}

/** Losses in bfloat16 are numbers, and fall. */
async function halfPrecisionCheck(benchmark: StepBenchmark, steps: number) {
  const step = benchmark.prepare(stepVariants.bf16);
  const losses: number[] = [], times: number[] = [];
  for (let i = 0; i < steps; i++) {
    const { loss, milliseconds } = await step();
    losses.push(loss);
    times.push(milliseconds);
  }
  step.dispose();
  const third = Math.max(1, Math.floor(steps / 3));
  const early = median(losses.slice(0, third)), late = median(losses.slice(-third));
  const broken = losses.findIndex((loss) => !Number.isFinite(loss));
  const check: GpuCheck = {
    name: "bfloat16",
    ok: broken < 0 && late < early,
    detail: broken < 0
      ? `${steps} losses are numbers, from ${early.toFixed(3)} to ${late.toFixed(3)}`
      : `the loss of step ${broken + 1} is ${losses[broken]}`,
  };
  return { check, milliseconds: median(times.slice(1)) };
}

/** Share of the host's memory that may come on top. */
const hostGrowth = 0.02;

/** Tensors and, where they can be asked for, the bytes of the card stay as many. */
async function memoryCheck(
  benchmark: StepBenchmark,
  steps: number,
  engine: Pick<Engine, "liveTensors">,
): Promise<GpuCheck> {
  const step = benchmark.prepare(stepVariants.graph);
  const take = async (count: number) => {
    for (let i = 0; i < count; i++) await step();
    return {
      tensors: engine.liveTensors(),
      host: Deno.memoryUsage().rss,
      card: await cardMegabytes(),
    };
  };
  const early = await take(Math.ceil(steps / 2)), late = await take(steps);
  step.dispose();
  const more = late.host / early.host - 1;
  const cards = early.card === undefined ? "" : `, ${early.card} to ${late.card} MB on the card`;
  return {
    name: "memory",
    ok: late.tensors === early.tensors && more < hostGrowth &&
      (early.card === undefined || late.card === early.card),
    detail: `${early.tensors} to ${late.tensors} tensors, ${
      (100 * more).toFixed(1)
    } % more on the host${cards}`,
  };
}

/** Megabytes of this process on all cards, as the driver's tool says; undefined where there is none. */
async function cardMegabytes(): Promise<number | undefined> {
  const query = ["--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"];
  try {
    const { success, stdout } = await new Deno.Command("nvidia-smi", { args: query }).output();
    if (!success) return undefined;
    const own = new TextDecoder().decode(stdout).trim().split("\n").map((line) => line.split(","))
      .filter(([pid]) => Number(pid) === Deno.pid);
    return own.length === 0 ? undefined : own.reduce((sum, [, used]) => sum + Number(used), 0);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** PyTorch's time for the same step, compiled and in bfloat16, over ours. */
async function pytorchCheck(
  { python, setting, repeats, pytorchDevice = "cuda" }: GpuOptions,
  ownMs: number,
) {
  const name = "beside PyTorch";
  try {
    const process = startPython(python, {
      script: new URL("./gpu_step.py", import.meta.url),
      setting: { ...setting, device: pytorchDevice },
      refusal: (reason) => new UserError(reason),
    });
    const { version } = await process.answer();
    const times: number[] = [];
    // The first two compile and warm up.
    for (let i = 0; i < repeats + 2; i++) {
      times.push(Number((await process.request("step")).milliseconds));
    }
    await process.close();
    const milliseconds = median(times.slice(2));
    const check: GpuCheck = {
      name,
      ok: true,
      detail: `PyTorch ${version}, compiled, bfloat16: ${milliseconds.toFixed(1)} ms; ours ${
        ownMs.toFixed(1)
      } ms, ${(milliseconds / ownMs).toFixed(2)} times as fast`,
    };
    return { check, milliseconds };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const check: GpuCheck = { name, ok: null, detail: `skipped with ${python}: ${error.message}` };
    return { check, milliseconds: null };
  }
}
