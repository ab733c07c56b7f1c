/** What the cost model says of steps that were measured on this machine, beside what was measured. */
import { studentLayout } from "../../method/student.ts";
import { studentConfigOf } from "../../recipe/student_config.ts";
import { inputFloats, tokenGrid } from "../../teachers/backbone_memory.ts";
import { zoo } from "../../teachers/zoo/entries.ts";
import {
  encoderOperations,
  studentOperations,
} from "../../training/forecast/student_operations.ts";
import { encoderFloats, projectorFloats } from "../../training/memory/activations.ts";
import type { Device } from "../../training/scale/devices.ts";
import { type CostedRun, stepCost, stepMemory } from "../../training/scale/step_cost.ts";
import { median } from "../bench_engine.ts";
import { memoryWays } from "../memory/bench_memory.ts";
import type { MemoryWay } from "../memory/step_memory.ts";
import { processesRecipe } from "../processes/processes_recipe.ts";
import { studentOf, type TransformerSetting } from "../step_setting.ts";
import type { MeasuredRecords } from "./measured_records.ts";
import { paperRun, scaleSetting } from "./paper_run.ts";
import { machineText } from "../../report/format.ts";

/** One comparison. */
export interface Check {
  readonly what: string;
  readonly unit: "GFLOP" | "s" | "bytes";
  readonly reckoned: number;
  readonly measured: number;
}

/** Bytes of the program with TensorFlow's libraries and nothing else. */
const programBytes = 0.5e9;
const bytesOfNumber = 4;

/** All comparisons for which there are records. */
export function checksOf(records: MeasuredRecords): Check[] {
  return [...operationChecks(records), ...secondChecks(records), ...memoryChecks(records)];
}

/** Operations from shapes beside those that a step's own kernels were counted to be. */
function operationChecks({ bench_step: step }: MeasuredRecords): Check[] {
  if (step === undefined) return [];
  const { batch } = step.setting,
    student = studentOf(step.setting as unknown as TransformerSetting);
  const reckoned = 3 * batch * studentOperations(student) / 1e9;
  const what = "bench step: products, forward and gradient";
  return [{ what, unit: "GFLOP", reckoned, measured: step.gflopPerStep }];
}

function secondChecks(records: MeasuredRecords): Check[] {
  const device = measuredDevice(records), { bench_paper: paper, bench_processes: group } = records;
  if (device === undefined) return [];
  const { cores } = records.bench_step!.machine, checks: Check[] = [];
  const add = (what: string, reckoned: number, measured: number) =>
    checks.push({ what, unit: "s", reckoned, measured });
  if (paper !== undefined) {
    const measured = median(paper.first.seconds.slice(1)), [load] = paper.machine.load;
    const { step } = stepCost(measuredPaperRun(paper), device, 1).seconds;
    add("bench paper: a step, alone on the machine", step, measured);
    add(
      `the same beside a load of ${load.toFixed(1)}`,
      step * slowdown(load, cores, cores),
      measured,
    );
  }
  if (group !== undefined) {
    // Each process has a core.
    const core = { ...device, peak: device.peak / cores }, run = processesRun(group.setting);
    const alone = group.rows.find(({ processes }) => processes === 1)?.secondsPerStep;
    for (const { processes, secondsPerStep } of group.rows) {
      const { sum, step } = stepCost(run, core, processes).seconds;
      const name = processes === 1 ? "1 process" : `${processes} processes`;
      add(`bench processes: ${name}, alone on the machine`, step, secondsPerStep);
      const slower = slowdown(group.load, processes, cores);
      add(
        `the same beside a load of ${group.load.toFixed(1)}`,
        (step - sum) * slower + sum,
        secondsPerStep,
      );
      if (processes === 1 || alone === undefined) continue;
      add(
        `the same from the seconds of 1 process, and the sum`,
        alone / processes + sum,
        secondsPerStep,
      );
    }
  }
  return checks;
}

/** What this machine's records say of it as a device; undefined where they say nothing of its products. */
export function measuredDevice(records: MeasuredRecords): Device | undefined {
  const { bench_step: step, bench_memory: memory, bench_processes: group } = records;
  if (step === undefined) return undefined;
  const update = memory?.ways.find(({ name }) => name === "update in place");
  const { cpu, cores } = step.machine;
  // Of two processes each sends as many bytes as the sum has.
  const link = group === undefined
    ? Infinity
    : bytesOfNumber * group.setting.numbers / (group.sumMilliseconds / 1000);
  return {
    name: machineText({ cpu, cores }),
    source: "the records of this machine",
    peak: 1e9 * step.gemmGflops,
    reached: step.fractionOfGemm,
    memory: Infinity,
    memoryBandwidth: update === undefined
      ? Infinity
      : 7 * bytesOfNumber * update.parameters / update.seconds,
    link: {
      node: Infinity,
      within: Math.min(link, Infinity),
      between: 1,
      latency: 0,
    },
    watts: 1,
    disk: Infinity,
  };
}

/** How many times as long work of so many threads takes beside others, each with the same share of the cores. */
function slowdown(load: number, threads: number, cores: number): number {
  return Math.max(1, (load + threads) / cores);
}

function measuredPaperRun(
  { setting: { width, imageSize }, batch, parts }: NonNullable<MeasuredRecords["bench_paper"]>,
): CostedRun {
  const size = { width, imageSize, heads: width / 64 };
  return paperRun({ ...scaleSetting, ...size, batch: batch * parts }, {
    accumulate: parts,
    recompute: true,
  });
}

/** The run of `bench processes`. */
export function processesRun(
  setting: NonNullable<MeasuredRecords["bench_processes"]>["setting"],
): CostedRun {
  const recipe = processesRecipe(setting), { size, canvas } = recipe.images;
  const teacher = zoo.find(({ name }) => name === recipe.teachers[0]!.name)!;
  const { name, width } = teacher, grid = tokenGrid(teacher, teacher.input.size);
  return {
    student: studentConfigOf(recipe, [{ name, width, tokens: ["cls", "patch"], grid }]),
    teachers: [{
      // ResNet-20: three blocks in each of three stages.
      operations: encoderOperations({ kind: "resnet_cifar", blocks: 3, imageSize: size }),
      parameters: teacher.parameters,
      floats: inputFloats(teacher, size),
    }],
    ...{ batchSize: setting.batch, images: 640, epochs: 1, canvas },
  };
}

function memoryChecks({ bench_memory: memory, bench_paper: paper }: MeasuredRecords): Check[] {
  const checks: Check[] = [];
  const add = (what: string, reckoned: number, measured: number) =>
    checks.push({ what, unit: "bytes", reckoned, measured });
  const setting = memory?.setting as TransformerSetting | undefined;
  for (const { name, before, peak } of memory?.ways ?? []) {
    const way = memoryWays[name];
    // XLA's compiler takes more than the step.
    if (way === undefined || way.half === "gradients" && way.mode === "xla") continue;
    add(`bench memory: ${name}`, bytesOfWay(setting!, way), peak - before);
  }
  if (paper !== undefined) {
    const parts = Object.values(stepMemory(measuredPaperRun(paper), 1));
    const needed = parts.reduce((sum, bytes) => sum + bytes, programBytes);
    add("bench paper: peak of the steps", needed, paper.first.stepBytes);
  }
  return checks;
}

/** Bytes that a half of a step adds. */
function bytesOfWay(setting: TransformerSetting, way: MemoryWay): number {
  const student = { ...studentOf(setting), ...way.half === "gradients" && way };
  const copy = bytesOfNumber * studentLayout(student).size;
  // The gradient, and beside the old state a new one.
  if (way.half === "update") return way.inPlace ? copy : 4 * copy;
  const activations = bytesOfNumber * setting.batch / way.parts *
    (encoderFloats(student) + projectorFloats(student));
  return (way.parts > 1 ? 3 : 2) * copy + activations;
}
