/** Losses of a few steps of small students, on whichever device the engine has: what two devices must agree on. */
import { fileURLToPath } from "node:url";
import { startEngine } from "../../engine/backend.ts";
import { measureInProcess } from "../measured_process.ts";
import { makeStepBenchmark, stepVariants } from "../step_benchmark.ts";
import { type BenchSetting, standardSettings } from "../step_setting.ts";

/** By student and way of running it, the losses of three steps. */
export type DeviceLosses = { readonly [name: string]: readonly number[] };

const { transformer, mobilenet_v2 } = standardSettings;

/** Small, so that a processor needs seconds. */
const settings: { readonly [name: string]: BenchSetting } = {
  transformer: { ...transformer, batch: 4, depth: 2, width: 96, hidden: 48, lastHidden: 96 },
  mobilenet_v2: { ...mobilenet_v2, batch: 4 },
};

/** The losses on the engine of this process, in full precision. */
export async function deviceLosses(): Promise<DeviceLosses> {
  await startEngine();
  const losses: Record<string, number[]> = {};
  for (const [student, setting] of Object.entries(settings)) {
    for (const way of ["eager", "graph", "xla"] as const) {
      // XLA's convolutions take minutes on processors.
      if (student !== "transformer" && way === "xla") continue;
      const benchmark = makeStepBenchmark(setting), step = benchmark.prepare(stepVariants[way]);
      const own: number[] = losses[`${student}, ${way}`] = [];
      for (let i = 0; i < 3; i++) own.push((await step()).loss);
      step.dispose();
      benchmark.dispose();
    }
  }
  return losses;
}

/** The same on the processor, in another process. */
export function processorLosses(): Promise<DeviceLosses> {
  return measureInProcess(fileURLToPath(import.meta.url), "", { HASHIGO_DEVICE: "cpu" });
}

if (import.meta.main) console.log(JSON.stringify(await deviceLosses()));
