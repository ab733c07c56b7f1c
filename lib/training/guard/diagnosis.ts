/** Finds where numbers that are not finite come from: the first place on their way into an update. */
import * as tf from "@tensorflow/tfjs";
import type { Layout } from "../../tensors/parameters.ts";
import type { Statistics } from "../../method/standardizers/statistics.ts";
import type { DistillBatch, StepMeasurements } from "../../method/step.ts";
import type { StepGradients } from "../trainer.ts";
import type { Anomaly } from "./policy.ts";

/** The origin of an incident. */
export interface Diagnosis {
  /** In causal order; `"loss"` where the numbers overflow in the student itself, or leap. */
  readonly of: "weights" | "images" | "teacher features" | "statistics" | "loss" | "gradient";
  /** For people. */
  readonly text: string;
  /** Whose features, statistics or loss it is. */
  readonly teacher?: string | undefined;
  /** Which tensor of the student it is. */
  readonly tensor?: string | undefined;
  /** Rows of the batch. */
  readonly rows?: readonly number[] | undefined;
}

/** Everything that a gradient is made of, and the gradient. */
interface DiagnosisInputs {
  /** `[size]`, from before the step. */
  readonly parameters: tf.Tensor1D;
  readonly statistics: Statistics;
  readonly batch: DistillBatch;
  readonly measurements: StepMeasurements;
  /** `[size]`, or a slice. */
  readonly gradient: tf.Tensor1D;
  readonly layout: Layout;
  /** Of the gradient, where it is a slice. */
  readonly gradientLayout?: Layout | undefined;
  /** Names of the images, in the order of the batch. */
  readonly images: readonly string[];
}

/**
 * Diagnoses a step that is refused.
 *
 * @param options gradientLayout: of the gradient, where it is a slice. Default: the layout
 */
export async function diagnoseStep(
  { state, batch, host, measurements, gradient }: StepGradients,
  kind: Anomaly["kind"],
  { setup, layout, gradientLayout }: {
    readonly setup: { readonly images: { readonly names: readonly string[] } };
    readonly layout: Layout;
    readonly gradientLayout?: Layout | undefined;
  },
): Promise<Diagnosis> {
  if (kind === "spike") return diagnoseSpike(measurements);
  const { parameters, statistics } = state.tensors;
  const images = Array.from(host.indices, (index) => setup.images.names[index] ?? "");
  const known = { parameters, statistics, batch, measurements, gradient, images };
  return await diagnose({ ...known, layout, gradientLayout });
}

/** The first input whose numbers are not finite, or too large for the norm of the gradient. */
async function diagnose(inputs: DiagnosisInputs): Promise<Diagnosis> {
  const { parameters, statistics, batch, measurements, gradient, images } = inputs;
  const { layout, gradientLayout } = inputs;
  const weights = brokenEntries(await parameters.data<"float32">(), layout).names;
  if (weights.length > 0) {
    const tensor = weights[0]!;
    return { of: "weights", tensor, text: `weights are not finite: ${listNames(weights)}` };
  }
  const rows = await brokenRows(batch.images);
  if (rows.length > 0) {
    return {
      of: "images",
      rows,
      text: `views are not finite: ${listNames(nameRows(rows, images))}`,
    };
  }
  for (const [teacher, types] of Object.entries(batch.targets)) {
    for (const [type, features] of Object.entries(types)) {
      const rows = await brokenRows(features);
      if (rows.length === 0) continue;
      const text = `features of teacher "${teacher}" (${type}) are not finite for the images ` +
        listNames(nameRows(rows, images));
      return { of: "teacher features", teacher, rows, text };
    }
  }
  for (const [teacher, types] of Object.entries(statistics)) {
    for (const [type, tensors] of Object.entries(types)) {
      for (const tensor of Object.values(tensors)) {
        if ((await brokenRows(tensor)).length === 0) continue;
        const text = `statistics of teacher "${teacher}" (${type}) are not finite`;
        return { of: "statistics", teacher, text };
      }
    }
  }
  const values = await gradient.data<"float32">();
  return diagnoseStudent(measurements, {
    ...brokenEntries(values, gradientLayout ?? layout),
    isSlice: gradientLayout !== undefined,
  });
}

/** Weights, views and features are finite: the numbers overflowed on their way through. */
function diagnoseStudent(
  { losses }: StepMeasurements,
  gradient: BrokenEntries & { readonly isSlice: boolean },
): Diagnosis {
  const [teacher] = Object.entries(losses).find(([, { total }]) => !Number.isFinite(total)) ?? [];
  const inputs = "though weights, views and features are finite";
  if (teacher !== undefined) {
    return { of: "loss", teacher, text: `the loss of teacher "${teacher}" overflows ${inputs}` };
  }
  const { names, largest, isSlice } = gradient;
  if (isSlice && names.length === 0) {
    const text = `the gradient is not finite ${inputs}, in the slice of another process`;
    return { of: "gradient", text };
  }
  const tensor = names[0] ?? largest;
  const text = names.length > 0
    ? `the gradient is not finite ${inputs}: ${listNames(names)}`
    : `the gradient is too large for its norm, most of all that of "${largest}"`;
  return { of: "gradient", tensor, text };
}

/** The teacher of the largest loss, where all are finite. */
function diagnoseSpike({ losses }: StepMeasurements): Diagnosis {
  const sorted = Object.entries(losses).sort(([, a], [, b]) => b.total - a.total);
  const [teacher = "", { total } = { total: NaN }] = sorted[0] ?? [];
  const text = `the largest loss is that of teacher "${teacher}", ${total.toPrecision(4)}`;
  return { of: "loss", teacher, text };
}

interface BrokenEntries {
  /** Tensors with a number that is not finite. */
  readonly names: readonly string[];
  /** The tensor with the largest number of all. */
  readonly largest: string;
}

function brokenEntries(values: Float32Array, layout: Layout): BrokenEntries {
  const names: string[] = [];
  let largest = "", most = -1;
  for (const { name, offset, size } of layout.entries) {
    const entry = values.subarray(offset, offset + size);
    if (!entry.every(Number.isFinite)) names.push(name);
    const peak = entry.reduce((peak, value) => Math.max(peak, Math.abs(value)), 0);
    if (peak > most) [most, largest] = [peak, name];
  }
  return { names, largest };
}

/** Rows of the first axis with a number that is not finite: only those times 0 are not 0. */
async function brokenRows(tensor: tf.Tensor): Promise<number[]> {
  const sums = tf.tidy(() => tf.sum(tf.mul(tf.reshape(tensor, [tensor.shape[0]!, -1]), 0), 1));
  const values = await sums.data();
  sums.dispose();
  return Array.from(values.keys()).filter((row) => Number.isNaN(values[row]));
}

function nameRows(rows: readonly number[], images: readonly string[]): string[] {
  return rows.map((row) => images[row] ?? String(row));
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${name}"`).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
