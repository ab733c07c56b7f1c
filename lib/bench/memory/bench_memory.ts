/** Measures the memory of a step in every way to save some. */
import { processorName } from "../../cli/recording.ts";
import { byteSize } from "../../io/memory.ts";
import type { TransformerSetting } from "../step_setting.ts";
import { measureStepMemory, type MemoryWay, type StepMemory } from "./step_memory.ts";
import { machineText } from "../../report/format.ts";

/** A student of middle size: 256 wide, patches of 16 at 128 pixels, with four teachers of its width. */
export const memorySetting: TransformerSetting = {
  ...{ batch: 16, imageSize: 128, patchSize: 16, width: 256, depth: 12, heads: 4 },
  ...{ hidden: 256, lastHidden: 1024, teachers: 4, teacherWidth: 256 },
};

const whole = {
  half: "gradients",
  mode: "graph",
  parts: 1,
  recompute: false,
  recomputeHeads: false,
} as const;

/** The ways, by what tables call them. */
export const memoryWays: { readonly [name: string]: MemoryWay } = {
  "update, the new state beside the old": { half: "update", inPlace: false },
  "update in place": { half: "update", inPlace: true },
  "gradient of the whole batch": whole,
  "in 4 parts": { ...whole, parts: 4 },
  "blocks computed twice": { ...whole, recompute: true },
  "one teacher at a time": { ...whole, recomputeHeads: true },
  "all three": { ...whole, parts: 4, recompute: true, recomputeHeads: true },
  "whole batch, XLA": { ...whole, mode: "xla" },
  "all three, XLA": { ...whole, mode: "xla", parts: 4, recompute: true, recomputeHeads: true },
};

/** Outcome of {@linkcode benchMemory}. */
export interface MemoryBench {
  readonly setting: TransformerSetting;
  readonly ways: readonly (StepMemory & { readonly name: string })[];
  readonly machine: { readonly cpu: string; readonly cores: number };
}

/** Measures each way in a process of its own. */
export async function benchMemory(
  setting: TransformerSetting,
  onProgress: (line: string) => void = () => {},
): Promise<MemoryBench> {
  const measured: (StepMemory & { name: string })[] = [];
  for (const [name, way] of Object.entries(memoryWays)) {
    onProgress(name);
    measured.push({ name, ...await measureStepMemory(setting, way) });
  }
  const machine = { cpu: processorName(), cores: navigator.hardwareConcurrency };
  return { setting, ways: measured, machine };
}

/** Lines for people. */
export function memoryTable({ setting, ways, machine }: MemoryBench): string[] {
  const { batch, imageSize, patchSize, width, depth, teachers, teacherWidth } = setting;
  const copy = 4 * (ways[0]?.parameters ?? 0);
  const rows = ways.map(({ name, before, peak, seconds }) => {
    const above = byteSize(Math.max(0, peak - before)).padStart(8);
    return `${name.padEnd(38)} ${byteSize(peak).padStart(8)} ${above} ${
      seconds.toFixed(2).padStart(8)
    } s`;
  });
  return [
    `student ${width} wide, ${depth} blocks, patches of ${patchSize} of ${imageSize} px, ${teachers} teachers ` +
    `of width ${teacherWidth}, batch ${batch}`,
    `parameters of student and ladder: ${byteSize(copy)}; ${machineText(machine)}`,
    "",
    `${"half of a step".padEnd(38)}     peak    above     time`,
    ...rows,
    "",
    "above: what a half adds to the process with state and batch in it; XLA's includes its compiler's",
  ];
}
