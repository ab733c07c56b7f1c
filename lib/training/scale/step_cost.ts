/**
 * What a step of a run costs each of several devices that share its batch: operations, bytes, seconds. All of it
 * follows from shapes and from figures of the device; nothing is opened or measured.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { type StudentConfig, studentLayout } from "../../method/student.ts";
import { encoderShapes } from "../../nn/encoder.ts";
import type { VisionTransformerConfig } from "../../nn/vision_transformer.ts";
import { inputFloats } from "../../teachers/backbone_memory.ts";
import { countShapes } from "../../tensors/shapes.ts";
import {
  encoderOperations,
  projectorOperations,
  studentOperations,
} from "../forecast/student_operations.ts";
import { encoderFloats, projectorFloats, targetFloats } from "../memory/activations.ts";
import { gradientBytes, stateBytes } from "../memory/state_bytes.ts";
import type { Device } from "./devices.ts";

/** A run whose cost is reckoned. */
export interface CostedRun {
  /** With the projectors for each of its teachers, and what it computes once more for the gradient. */
  readonly student: StudentConfig;
  /** What the frozen networks cost, in any order. */
  readonly teachers: readonly TeacherCost[];
  /** Images of an update, of all devices together. */
  readonly batchSize: number;
  /** Parts in which each device takes its images, one after the other. Default 1. */
  readonly accumulate?: number | undefined;
  /** Images of a pass. */
  readonly images: number;
  /** Passes. */
  readonly epochs: number;
  /** Side in pixels of the images as they are kept. */
  readonly canvas: number;
  /** Whether each device has a part of the moments and updates it: ZeRO-1. Default false. */
  readonly sharded?: boolean | undefined;
}

/** What a frozen network costs. */
export interface TeacherCost {
  /** Operations of a forward pass of one image. */
  readonly operations: number;
  readonly parameters: number;
  /** Numbers that the forward pass of one image holds at once. */
  readonly floats: number;
}

/** What a step costs each device. */
export interface StepCost {
  /** Devices that share the batch, and images of each. */
  readonly devices: number;
  readonly images: number;
  /** Operations in matrix products: two for each multiplication and addition. */
  readonly operations: {
    readonly teachers: number;
    readonly encoder: number;
    readonly projectors: number;
    readonly gradient: number;
    /** Forward passes that are computed once more instead of being kept. */
    readonly again: number;
  };
  /** Bytes of memory that are there at once when the gradient is computed. */
  readonly memory: {
    readonly parameters: number;
    readonly moments: number;
    readonly gradient: number;
    readonly teachers: number;
    readonly activations: number;
    readonly targets: number;
  };
  /** Bytes that move: to other devices, in the device's memory for the update, from the disk. */
  readonly traffic: { readonly sum: number; readonly update: number; readonly disk: number };
  /** Seconds of each kind of work; reading goes on beside the others, which come one after the other. */
  readonly seconds: {
    readonly products: number;
    readonly update: number;
    readonly sum: number;
    readonly reading: number;
    readonly step: number;
  };
}

const bytesOfNumber = 4;
const pixelBytes = 3;

/** What a vision transformer costs as a teacher. */
export function transformerCost(encoder: VisionTransformerConfig): TeacherCost {
  const { patchSize: stride, width, imageSize } = encoder;
  return {
    operations: encoderOperations(encoder),
    parameters: countShapes(encoderShapes(encoder)),
    floats: inputFloats({ family: "transformer", stride, width }, imageSize),
  };
}

/**
 * Reckons the cost of a step. The sum of the gradients is a ring's: each device sends, and receives,
 * 2 (N − 1) / N of it.
 *
 * @param devices how many share the batch
 * @throws {UserError} Where devices and parts do not divide the batch, or a figure is no number above 0.
 *
 * @example
 * ```ts
 * import { cards } from "./devices.ts";
 * import { stepCost, transformerCost } from "./step_cost.ts";
 * const encoder = { imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12 };
 * const grid = [14, 14] as const, teachers = [{ name: "dino", width: 768, tokens: ["cls", "patch"] as const, grid }];
 * const run = {
 *   student: { encoder, ladder: { width: 768, depth: 12, grid, teachers } },
 *   teachers: [transformerCost(encoder)],
 *   ...{ batchSize: 512, images: 1_281_167, epochs: 200, canvas: 256 },
 * };
 * const { traffic, images } = stepCost(run, cards.h100, 2);
 * // Of two devices each sends half of the gradient twice.
 * if (traffic.sum !== 4 * (85_798_656 + 35_430_912) || images !== 256) throw new Error(`${traffic.sum}`);
 * ```
 */
export function stepCost(run: CostedRun, device: Device, devices: number): StepCost {
  const { student, teachers, batchSize, canvas, sharded = false } = run;
  checkRun(run, devices);
  checkDevice(device);
  const images = batchSize / devices, parameters = studentLayout(student).size;
  const projectors = projectorOperations(student);
  const encoder = studentOperations(student) - projectors;
  const operations = {
    teachers: images * sum(teachers.map(({ operations }) => operations)),
    encoder: images * encoder,
    projectors: images * projectors,
    gradient: 2 * images * (encoder + projectors),
    again: images * ((student.recompute ? encoder : 0) + (student.recomputeHeads ? projectors : 0)),
  };
  const own = sharded ? parameters / devices : parameters;
  const traffic = {
    sum: 2 * (devices - 1) / devices * bytesOfNumber * parameters,
    // Gradient, parameters and moments are read, the latter three written.
    update: 7 * bytesOfNumber * own,
    disk: images * pixelBytes * canvas ** 2,
  };
  const { node, within, between, latency } = device.link;
  const seconds = {
    products: sum(Object.values(operations)) / (device.peak * device.reached),
    update: traffic.update / device.memoryBandwidth,
    sum: traffic.sum / (devices > node ? between : within) + 2 * (devices - 1) * latency,
    reading: traffic.disk / device.disk,
  };
  const inTurn = seconds.products + seconds.update + seconds.sum;
  return {
    ...{ devices, images, operations, memory: stepMemory(run, devices), traffic },
    seconds: { ...seconds, step: Math.max(inTurn, seconds.reading) },
  };
}

/**
 * Bytes of memory that are there at once when the gradient is computed, at each of so many devices.
 *
 * @throws {UserError} Where devices and parts do not divide the batch.
 */
export function stepMemory(run: CostedRun, devices: number): StepCost["memory"] {
  const { student, teachers, batchSize, accumulate = 1, sharded = false } = run;
  checkRun(run, devices);
  const images = batchSize / devices, part = images / accumulate;
  const layout = studentLayout(student);
  const targets = sum(student.ladder.teachers.map((teacher) => targetFloats(student, teacher)));
  const widest = Math.max(0, ...teachers.map(({ floats }) => floats));
  return {
    ...stateBytes(layout, { processes: devices, sharded }),
    gradient: gradientBytes(layout, accumulate),
    teachers: bytesOfNumber * sum(teachers.map(({ parameters }) => parameters)),
    activations: bytesOfNumber * part *
      (encoderFloats(student) + projectorFloats(student) + widest),
    // Of this batch and of the next.
    targets: 2 * bytesOfNumber * images * targets,
  };
}

/** What a run costs as a whole. */
export interface RunCost {
  readonly steps: number;
  readonly imagesPerSecond: number;
  readonly hours: number;
  /** Hours by devices. */
  readonly deviceHours: number;
  /** Of the devices alone, without what cools them and the rest of the node. */
  readonly kilowattHours: number;
  /** Of all devices. */
  readonly operations: number;
}

/** The cost of all steps: whole batches, the rest of a pass is left out. */
export function runCost(
  { images, batchSize, epochs }: CostedRun,
  { watts }: Device,
  { devices, operations, seconds: { step } }: StepCost,
): RunCost {
  const steps = epochs * Math.floor(images / batchSize), hours = steps * step / 3600;
  return {
    steps,
    imagesPerSecond: batchSize / step,
    hours,
    deviceHours: devices * hours,
    kilowattHours: devices * hours * watts / 1000,
    operations: steps * devices * sum(Object.values(operations)),
  };
}

function checkRun(run: CostedRun, devices: number): void {
  const { batchSize, accumulate = 1, images, epochs, canvas } = run;
  const counts = { devices, batchSize, accumulate, images, canvas };
  for (const [name, value] of Object.entries(counts)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw unusable(name, value, "a whole number above 0");
    }
  }
  if (!(epochs > 0)) throw unusable("epochs", epochs, "a number above 0");
  if (batchSize % (devices * accumulate) !== 0) {
    throw new UserError(
      `Cannot reckon the cost of a step: found a batch of ${batchSize} for ${devices} devices in ` +
        `${accumulate} parts each, expected equal parts. Choose another batch, or fewer devices or parts`,
    );
  }
  if (images < batchSize) {
    throw new UserError(
      `Cannot reckon the cost of a run: found ${images} images, expected at least one batch of ` +
        `${batchSize}. Lower the batch`,
    );
  }
}

/** Infinity stands for what nothing waits for. */
function checkDevice({ link, peak, reached, memory, memoryBandwidth, watts, disk }: Device): void {
  const { latency, ...rates } = link;
  for (
    const [name, value] of Object.entries({ peak, memory, memoryBandwidth, watts, disk, ...rates })
  ) {
    if (!(value > 0)) throw unusable(name, value, "a number above 0");
  }
  if (!(latency >= 0)) throw unusable("latency", latency, "seconds from 0 on");
  if (!(reached > 0 && reached <= 1)) {
    throw unusable("reached", reached, "a share, above 0 and at most 1");
  }
}

function unusable(name: string, value: number, expected: string): UserError {
  return new UserError(
    `Cannot reckon the cost of a step: found ${name} ${value}, expected ${expected}. Correct it`,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
