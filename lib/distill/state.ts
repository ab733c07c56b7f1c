import * as tf from "@tensorflow/tfjs";
import type { AdamState } from "../optimizer.ts";
import type { Layout } from "../parameters.ts";
import { initStatistics, type Statistics, type TokenStatistics } from "../standardizer.ts";
import type { TeacherShape } from "../ladder.ts";
import { UserError } from "../user_error.ts";
import type { StateTensor } from "./state_digest.ts";
import type { DistillTensors } from "./step.ts";

/** Everything that a resumed run needs besides its recipe: random numbers are addressed by the step. */
export interface DistillState {
  readonly tensors: DistillTensors;
  /** Updates done so far. */
  readonly step: number;
}

/** A fresh state: the given parameters, Adam at zero, statistics at mean 0 and deviation 1. */
export function initState(
  parameters: tf.Tensor1D,
  teachers: readonly TeacherShape[],
): DistillState {
  const size = parameters.size;
  const adam: AdamState = { first: tf.zeros([size]), second: tf.zeros([size]) };
  return { tensors: { parameters, adam, statistics: initStatistics(teachers) }, step: 0 };
}

/** Every tensor of a state by name; parameters and moments under the names of the layout. */
export async function stateToHost(
  state: DistillState,
  layout: Layout,
): Promise<Map<string, StateTensor>> {
  const host = new Map<string, StateTensor>();
  const { parameters, adam, statistics } = state.tensors;
  const buffers = { "": parameters, "adam.first.": adam.first, "adam.second.": adam.second };
  for (const [prefix, buffer] of Object.entries(buffers)) {
    for (const [name, tensor] of await flatToHost(buffer, layout)) host.set(prefix + name, tensor);
  }
  for (const [name, tensor] of statisticsByName(statistics)) {
    host.set(name, { shape: tensor.shape, data: await tensor.data() as Float32Array });
  }
  return host;
}

/** The tensors of a flat buffer by name, as views of one array. */
export async function flatToHost(
  flat: tf.Tensor1D,
  layout: Layout,
): Promise<Map<string, StateTensor>> {
  const values = await flat.data<"float32">();
  return new Map(
    layout.entries.map(({ name, shape, offset, size }) => [
      name,
      { shape, data: values.subarray(offset, offset + size) },
    ]),
  );
}

/**
 * The inverse of {@link stateToHost}.
 *
 * @throws {UserError} naming the first tensor that is missing or has another shape
 */
export function stateFromHost(
  host: ReadonlyMap<string, StateTensor>,
  step: number,
  layout: Layout,
  teachers: readonly TeacherShape[],
): DistillState {
  const buffer = (prefix: string): tf.Tensor1D => {
    const values = new Float32Array(layout.size);
    for (const entry of layout.entries) {
      values.set(find(host, prefix + entry.name, entry.shape).data, entry.offset);
    }
    return tf.tensor1d(values);
  };
  const fresh = initStatistics(teachers);
  const statistics: Record<string, Record<string, TokenStatistics>> = {};
  for (const [name, tensor] of statisticsByName(fresh)) {
    const [, teacher = "", type = "", kind = ""] = name.split(".");
    const ofType = ((statistics[teacher] ??= {})[type] ??= { mean: tensor, std: tensor });
    const loaded = tf.tensor1d(find(host, name, tensor.shape).data);
    statistics[teacher][type] = { ...ofType, [kind]: loaded };
    tensor.dispose();
  }
  return {
    tensors: {
      parameters: buffer(""),
      adam: { first: buffer("adam.first."), second: buffer("adam.second.") },
      statistics,
    },
    step,
  };
}

/** `statistics.TEACHER.TYPE.mean` and `.std`, in a fixed order. */
function statisticsByName(statistics: Statistics): [name: string, tensor: tf.Tensor1D][] {
  return Object.entries(statistics).flatMap(([teacher, types]) =>
    Object.entries(types).flatMap(([type, { mean, std }]) => [
      [`statistics.${teacher}.${type}.mean`, mean] as [string, tf.Tensor1D],
      [`statistics.${teacher}.${type}.std`, std] as [string, tf.Tensor1D],
    ])
  );
}

function find(
  host: ReadonlyMap<string, StateTensor>,
  name: string,
  shape: readonly number[],
): StateTensor {
  const tensor = host.get(name);
  if (tensor && tensor.shape.join() === shape.join()) return tensor;
  throw new UserError(
    `Cannot restore the state: tensor "${name}" is ` +
      (tensor ? `[${tensor.shape}]` : "missing") + `, expected [${shape}]. ` +
      "Resume with the recipe that wrote this checkpoint, or start a new run folder",
  );
}
