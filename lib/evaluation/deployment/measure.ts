/** Speed, size, memory and energy of models on this machine. */
import { type DeploymentRow, sumOfDeployments } from "../../metrics/costs/deployment.ts";
import { type LatencyOptions, measureLatency } from "../../metrics/costs/latency.ts";
import { joulesBetween } from "../../metrics/costs/account.ts";
import { readEnergyMeter } from "../../process/energy_meter.ts";
import { processorText } from "../../engine/install/processor.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { parseModelName } from "../../teachers/model_name.ts";
import { weightsFile } from "../../teachers/zoo/teacher_file.ts";
import { zoo } from "../../teachers/zoo/zoo.ts";
import type { Deployment } from "./deployment.ts";
import { nameModels } from "../models/name_models.ts";
import { type ModelSpec, openModel } from "../models/open_model.ts";
import { countGflop } from "../model_cost.ts";
import { type CompiledNetwork, compileNetwork, runNetwork } from "./compile_network.ts";
import { measurePeakMemory } from "./peak_memory.ts";
import { locateStudent } from "../../runs/locate_student.ts";

/** Options of {@linkcode measureDeployment}. */
export interface MeasureDeploymentOptions extends LatencyOptions {
  /** Side in pixels of the images that models are given; each resizes them to its own input. */
  readonly canvas: number;
  /** Seconds of training that the student took. */
  readonly distilSeconds?: number | undefined;
  /** Called with the name of every model before it is measured. */
  readonly onModel?: ((model: string) => void) | undefined;
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
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { measureDeployment } from "@hashigo/hashigo/evaluation";
 * await startEngine();
 * const quick = { canvas: 32, calls: 2, batchCalls: 1, batchSizes: [1, 4] };
 * const { rows } = await measureDeployment([{ source: "resnet20_cifar10" }], quick);
 * if (!(rows[0]!.p95 >= rows[0]!.p50) || !(rows[0]!.fileBytes! > 1e6)) throw new Error("As measured");
 * ```
 */
export async function measureDeployment(
  models: readonly ModelSpec[],
  options: MeasureDeploymentOptions,
): Promise<Deployment> {
  const rows: DeploymentRow[] = [];
  const teachers: DeploymentRow[] = [];
  let runtimeBytes: number | undefined;
  for (const spec of await nameModels(models)) {
    const { name: model, role, backbone } = await openModel(spec.source, spec);
    options.onModel?.(model);
    try {
      const fileBytes = await fileBytesOf(spec.source);
      const peak = await measurePeakMemory(spec, options.canvas);
      runtimeBytes ??= peak?.runtime;
      const row = {
        model,
        parameters: backbone.parameterCount,
        fileBytes,
        peakBytes: peak?.model,
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
    machine: processorText(),
    runtimeBytes,
    distilSeconds,
  };
}

async function measureNetwork(
  backbone: Backbone,
  options: MeasureDeploymentOptions,
): Promise<Omit<DeploymentRow, "model" | "parameters" | "fileBytes" | "peakBytes">> {
  const { canvas } = options;
  // One function for each batch size, since each is compiled for its own shape.
  const compiled = new Map<number, CompiledNetwork>();
  const run = async (images: number) => {
    const network = compiled.get(images) ?? compileNetwork(backbone);
    compiled.set(images, network);
    await runNetwork(network, { images, canvas });
  };
  try {
    const latency = await measureLatency(run, options);
    const joules = await joulesPerImage(() => run(latency.batchSize), latency.batchSize);
    return { ...latency, gflop: await countGflop(backbone), joules };
  } finally {
    for (const network of compiled.values()) network.dispose();
  }
}

async function joulesPerImage(
  batch: () => Promise<void>,
  images: number,
): Promise<number | undefined> {
  const { counters: before } = await readEnergyMeter();
  if (before === undefined) return undefined;
  for (let i = 0; i < meteredBatches; i++) await batch();
  const { counters: after } = await readEnergyMeter();
  const joules = after && joulesBetween(before, after);
  return joules === undefined ? undefined : joules / (meteredBatches * images);
}

/** Bytes of the file of a model; undefined for those that lie in none, or in several. */
async function fileBytesOf(source: string): Promise<number | undefined> {
  const student = await locateStudent(source);
  if (student !== undefined) return (await Deno.stat(student.path)).size;
  const model = parseModelName(source);
  switch (model.kind) {
    case "teacher":
      return zoo.filter(({ name }) => name === model.name).map(weightsFile)[0]?.bytes;
    case "checkpoint":
      return (await Deno.stat(model.path)).size;
    default:
      return undefined;
  }
}
