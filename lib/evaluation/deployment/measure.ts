/** How fast, how large and how hungry models are on this machine. */
import * as tf from "@tensorflow/tfjs";
import { cpus } from "node:os";
import type { DeploymentRow } from "../../metrics/costs/deployment.ts";
import { sumOfDeployments } from "../../metrics/costs/deployment.ts";
import { type LatencyOptions, measureLatency } from "../../metrics/costs/latency.ts";
import { countOperations } from "../../metrics/costs/operations.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { zoo } from "../../teachers/zoo/zoo.ts";
import type { Deployment } from "./deployment.ts";
import { openModel } from "../models/open_model.ts";
import { readJoules } from "./energy.ts";
import type { ModelSpec } from "../evaluate_models.ts";
import { parseCheckpointSource } from "../../teachers/model_name.ts";
import { measurePeakMemory } from "./peak_memory.ts";
import { locateStudent } from "../../runs/student_file.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";

/** Options of {@linkcode measureDeployment}. */
export interface MeasureDeploymentOptions extends LatencyOptions {
  /** Side in pixels of the images that models are given; each resizes them to its own input. */
  readonly canvas: number;
  /** Seconds of training that the student took. */
  readonly distilSeconds?: number;
  /** Told of every model before it is measured. */
  readonly onModel?: (model: string) => void;
}

/** Batches over which energy is counted. */
const meteredBatches = 10;

/**
 * Measures models one after the other: latency with one image, throughput at the best batch size, peak
 * memory, operations, file, and energy where the machine reports it. Run it on a quiet machine.
 *
 * @throws {UserError} where a model cannot be opened.
 *
 * @example
 * ```ts
 * import { measureDeployment, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const quick = { canvas: 32, calls: 2, batchCalls: 1, batchSizes: [1, 4] };
 * const { rows } = await measureDeployment([{ source: "resnet20_cifar10" }], quick);
 * if (!(rows[0]!.p95 >= rows[0]!.p50) || !(rows[0]!.fileBytes! > 1e6)) throw new Error("As measured");
 * ```
 */
export async function measureDeployment(
  choices: readonly ModelSpec[],
  options: MeasureDeploymentOptions,
): Promise<Deployment> {
  const rows: DeploymentRow[] = [];
  const teachers: DeploymentRow[] = [];
  let runtimeBytes: number | undefined;
  for (const choice of choices) {
    const { source, ...named } = choice;
    const { name: model, role, backbone } = await openModel(source, named);
    options.onModel?.(model);
    try {
      const fileBytes = await fileBytesOf(source);
      const peak = await measurePeakMemory(choice, options.canvas);
      runtimeBytes ??= peak?.runtime;
      const row = {
        model,
        parameters: backbone.parameterCount,
        ...(fileBytes === undefined ? {} : { fileBytes }),
        ...(peak === undefined ? {} : { peakBytes: peak.model }),
        ...await measureNetwork(backbone, options),
      };
      rows.push(row);
      if (role === "teacher") teachers.push(row);
    } finally {
      backbone.dispose();
    }
  }
  if (teachers.length > 1) {
    rows.push(sumOfDeployments(`all ${teachers.length} teachers`, teachers));
  }
  const { canvas, distilSeconds } = options;
  return {
    rows,
    canvas,
    machine: `${cpus()[0]?.model.trim() ?? "unknown"}, ${navigator.hardwareConcurrency} cores`,
    ...(runtimeBytes === undefined ? {} : { runtimeBytes }),
    ...(distilSeconds === undefined ? {} : { distilSeconds }),
  };
}

async function measureNetwork(
  backbone: Backbone,
  options: MeasureDeploymentOptions,
): Promise<Omit<DeploymentRow, "model" | "parameters" | "fileBytes" | "peakBytes">> {
  const { canvas } = options, { size } = backbone.input;
  // One function for each batch size, since each is compiled for its own shape.
  const compiled = new Map<number, ReturnType<typeof compileNetwork>>();
  const run = async (images: number) => {
    const call = compiled.get(images) ?? compileNetwork(backbone);
    compiled.set(images, call);
    const pixels = tf.zeros<tf.Rank.R4>([images, canvas, canvas, 3]);
    const output = await call(pixels);
    await output.data();
    tf.dispose([pixels, output]);
  };
  try {
    const latency = await measureLatency(run, options);
    const joules = await joulesPerImage(() => run(latency.batchSize), latency.batchSize);
    const gflop = await countOperations(() => backbone.features(tf.zeros([1, size, size, 3])));
    return {
      ...latency,
      gflop: gflop / 1e9,
      ...(joules === undefined ? {} : { joules }),
    };
  } finally {
    for (const call of compiled.values()) call.dispose();
  }
}

async function joulesPerImage(
  batch: () => Promise<void>,
  images: number,
): Promise<number | undefined> {
  const before = await readJoules();
  if (before === undefined) return undefined;
  for (let i = 0; i < meteredBatches; i++) await batch();
  const after = await readJoules();
  // The meter begins again at zero every few hours.
  if (after === undefined || after < before) return undefined;
  return (after - before) / (meteredBatches * images);
}

/** Undefined for what lies in no file. */
async function fileBytesOf(what: string): Promise<number | undefined> {
  const student = await locateStudent(what);
  if (student !== undefined) return (await Deno.stat(student.path)).size;
  const [name = "", size] = what.split("@");
  const entry = zoo.find((one) => one.name === name);
  if (entry !== undefined) return entry.files[0]?.bytes;
  if (parseCheckpointSource(what) === undefined || what.startsWith("random:")) return undefined;
  const path = what.slice(what.indexOf(":") + 1).replace(size === undefined ? "" : `@${size}`, "");
  return (await Deno.stat(path)).size;
}

/** Compiled for the first batch size that it is called with; an image gives its CLS token, else the mean of its patches. */
export function compileNetwork(backbone: Backbone) {
  return compileLazily((pixels: tf.Tensor4D) => {
    const { cls, patch } = backbone.features(pixels);
    return cls ?? tf.mean<tf.Tensor2D>(patch!, 1);
  }, { mode: backbone.mode ?? "graph", name: `deployment of ${backbone.name}` });
}
