/** What a run will take, before its first step: time, memory and disk, and where the time goes. */
import { availableMemory, memoryNeeded } from "../../io/memory.ts";
import { studentLayout } from "../../method/student.ts";
import { encoderStages } from "../../nn/encoder.ts";
import { checkpointsAtMost } from "../../runs/disk_budget.ts";
import type { RunPlan } from "../../runs/run_plan.ts";
import type { Teacher } from "../../teachers/backbone.ts";
import { trainingMemory } from "../memory/memory.ts";
import type { TrainingSetup } from "../setup.ts";
import type { TargetSource } from "../targets.ts";
import { operationsOfSteps, sizesAhead } from "./run_operations.ts";
import { matrixSpeed, teacherSeconds } from "./speed.ts";

/** A part of a run's time. */
export interface ForecastPart {
  /** Name of a teacher, or "student". */
  readonly name: string;
  readonly seconds: number;
  /** Size in pixels at which a teacher sees the views. */
  readonly inputSize?: number | undefined;
  /** Sizes in pixels of the images that the student still sees, where they rise. */
  readonly inputSizes?: readonly number[] | undefined;
}

/** What a run will take, as far as it can be told before its first step. */
export interface Forecast {
  /** Updates still to do. */
  readonly steps: number;
  /** Images in a batch. */
  readonly batchSize: number;
  /** How the steps were planned, where the recipe has a budget of minutes. */
  readonly planned?: RunPlan | undefined;
  /** Seconds of training in all, within about a factor of two. */
  readonly seconds: number;
  /** The longest first: teachers as measured on a few images, the student as reckoned from its shapes. */
  readonly parts: readonly ForecastPart[];
  /** Bytes, and those available where that is known. */
  readonly memory: { readonly needed: number; readonly available?: number | undefined };
  /** Bytes that will be written: checkpoints that lie there at once, and features still to be kept. */
  readonly disk: { readonly checkpoints: number; readonly features: number };
  /** A teacher that takes most of the time at a size that the views do not have. */
  readonly advice?: ForecastAdvice | undefined;
}

/** A smaller input size of the most expensive teacher. */
export interface ForecastAdvice {
  /** Name of the teacher. */
  readonly teacher: string;
  /** Its position in the recipe. */
  readonly place: number;
  /** Its size in pixels now. */
  readonly from: number;
  /** The smaller size. */
  readonly to: number;
  /** Its share of the time, 0 to 1. */
  readonly share: number;
  /** Seconds of training with the smaller size. */
  readonly seconds: number;
}

/** Time of a step over that of its matrix products alone, as measured on the recipes that ship. */
const besideProducts = 2;
/** Engine, program and libraries. */
const engineBytes = 6e8;
/** Peak of memory over what must be there at once; see the tests for peaks. */
const besideNeeded = 1.6;

/**
 * Measures each teacher on a few images and reckons the rest. It touches neither the state nor the random
 * numbers of the run.
 *
 * @param stepsLeft updates still to do
 */
export async function forecastRun(
  setup: TrainingSetup,
  { targets, stepsLeft, now }: {
    readonly targets: TargetSource;
    readonly stepsLeft: number;
    readonly now: () => number;
  },
): Promise<Forecast> {
  const { recipe, teachers, student } = setup;
  const { batchSize } = recipe.optimization;
  const parts: ForecastPart[] = [];
  for (const teacher of teachers) {
    const images = imagesToCompute(setup, targets, { teacher, stepsLeft });
    const seconds = images === 0 ? 0 : images * await teacherSeconds(teacher, recipe, now);
    parts.push({ name: teacher.name, seconds, inputSize: teacher.input.size });
  }
  // Of a convolutional network a stage in the middle stands for all.
  const stages = encoderStages(student.encoder), { width, grid } = stages[stages.length >> 1]!;
  const rows = Math.min(4096, batchSize * grid[0] * grid[1]);
  const ahead = sizesAhead(setup, stepsLeft);
  const operations = besideProducts * operationsOfSteps(setup, ahead);
  parts.push({
    name: "student",
    seconds: operations / await matrixSpeed({ rows, width }, now),
    // Absent where there is one size.
    ...recipe.student.resolutions && { inputSizes: ahead.map(({ size }) => size) },
  });
  parts.sort((a, b) => b.seconds - a.seconds);
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  const saves = { steps: stepsLeft, every: recipe.checkpoint.every };
  return {
    steps: stepsLeft,
    batchSize,
    planned: setup.budget,
    seconds,
    parts,
    memory: {
      needed: engineBytes + besideNeeded * memoryNeeded(trainingMemory(recipe)),
      available: availableMemory(),
    },
    disk: {
      checkpoints: 12 * studentLayout(student).size * checkpointsAtMost(recipe.checkpoint, saves),
      features: [...targets.kept?.values() ?? []].reduce((sum, { missing }) => sum + missing, 0),
    },
    advice: adviceFor(setup, parts, seconds),
  };
}

/** Views that a teacher has to see: all of them, or those whose features are not kept yet. */
function imagesToCompute(
  { recipe, images, plan }: TrainingSetup,
  targets: TargetSource,
  { teacher, stepsLeft }: { readonly teacher: Teacher; readonly stepsLeft: number },
): number {
  const seen = stepsLeft * recipe.optimization.batchSize;
  const kept = targets.kept?.get(teacher.name);
  if (kept === undefined) return seen;
  const missing = kept.bytes === 0 ? 0 : kept.missing / kept.bytes;
  return Math.min(seen, missing * (plan.views ?? 1) * images.count);
}

/** Where one teacher takes more than half of the time at a size that the views do not have. */
function adviceFor(
  { recipe, teachers, student }: TrainingSetup,
  parts: readonly ForecastPart[],
  seconds: number,
): ForecastAdvice | undefined {
  const [most] = parts;
  const teacher = teachers.find(({ name }) => name === most?.name);
  if (most === undefined || teacher === undefined || most.seconds < seconds / 2) return undefined;
  const from = teacher.input.size;
  const to = smallerSize(teacher, { views: recipe.images.size, rows: student.ladder.grid[0] });
  if (to >= from) return undefined;
  return {
    teacher: teacher.name,
    place: recipe.teachers.findIndex(({ name }) => name === teacher.name),
    from,
    to,
    share: most.seconds / seconds,
    seconds: seconds - most.seconds * (1 - (to / from) ** 2),
  };
}

/** The smallest size of a teacher that loses no pixel of the views and has the student's rows of patches. */
function smallerSize(
  teacher: Teacher,
  { views, rows }: { readonly views: number; readonly rows: number },
): number {
  const { size } = teacher.input;
  const stride = Math.round(size / teacher.grid()[0]);
  // Sizes such as 513 are one more than whole strides.
  for (let side = stride + size % stride; side < size; side += stride) {
    if (side >= views && teacher.grid(side)[0] >= rows) return side;
  }
  return size;
}
