import * as tf from "@tensorflow/tfjs";
import type { AdamState } from "../optimizer.ts";
import type { Layout } from "../parameters.ts";
import {
  initStatistics,
  type StandardizerKind,
  type Statistics,
  type TokenStatistics,
} from "../standardizer.ts";
import type { TeacherShape } from "../ladder.ts";
import { UserError } from "../user_error.ts";
import type { Distillation } from "./prepare.ts";
import type { StateTensor } from "./state_digest.ts";
import type { DistillTensors } from "./step.ts";

/** Everything that a resumed run needs besides its recipe: random numbers are addressed by the step. */
export interface DistillState {
  readonly tensors: DistillTensors;
  /** Updates done so far. */
  readonly step: number;
}

/** What of a recipe decides which tensors a state has. */
export interface StateShape {
  readonly teachers: readonly TeacherShape[];
  readonly standardizer: StandardizerKind;
  /** Whether the balancing keeps running averages of the losses. */
  readonly averages: boolean;
}

/** Which tensors the state of a distillation has. */
export function stateShapeOf(
  { student, recipe }: Pick<Distillation, "student" | "recipe">,
): StateShape {
  return {
    teachers: student.ladder.teachers,
    standardizer: recipe.standardizer.kind,
    averages: recipe.balancing.kind === "ada_loss",
  };
}

/**
 * A fresh state: the given parameters, Adam at zero.
 *
 * @param statistics to begin with, taken over; default: mean 0 and deviation 1
 */
export function initState(
  parameters: tf.Tensor1D,
  { teachers, averages }: Pick<StateShape, "teachers" | "averages">,
  statistics: Statistics = initStatistics(teachers),
): DistillState {
  const size = parameters.size;
  const adam: AdamState = { first: tf.zeros([size]), second: tf.zeros([size]) };
  return {
    tensors: {
      parameters,
      adam,
      statistics,
      ...averages && { averages: tf.zeros<tf.Rank.R1>([teachers.length]) },
    },
    step: 0,
  };
}

/** Every tensor of a state by name; parameters and moments under the names of the layout. */
export async function stateToHost(
  state: DistillState,
  layout: Layout,
): Promise<Map<string, StateTensor>> {
  const host = new Map<string, StateTensor>();
  const { parameters, adam, statistics, averages } = state.tensors;
  const buffers = { "": parameters, "adam.first.": adam.first, "adam.second.": adam.second };
  for (const [prefix, buffer] of Object.entries(buffers)) {
    for (const [name, tensor] of await flatToHost(buffer, layout)) host.set(prefix + name, tensor);
  }
  const others = statisticsByName(statistics);
  if (averages !== undefined) others.push(["balancing.averages", averages]);
  for (const [name, tensor] of others) {
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
  shape: StateShape,
): DistillState {
  const { teachers, standardizer, averages } = shape;
  const load = (name: string, size: readonly number[]) =>
    tf.tensor(find(host, name, size).data, [...size]);
  const buffer = (prefix: string): tf.Tensor1D => {
    const values = new Float32Array(layout.size);
    for (const entry of layout.entries) {
      values.set(find(host, prefix + entry.name, entry.shape).data, entry.offset);
    }
    return tf.tensor1d(values);
  };
  const statistics = Object.fromEntries(teachers.map(({ name, width, tokens }) => [
    name,
    Object.fromEntries(tokens.map((type) => {
      const at = (kind: string, size: number[]) => load(`statistics.${name}.${type}.${kind}`, size);
      const own: TokenStatistics = {
        mean: at("mean", [width]) as tf.Tensor1D,
        std: at("std", [width]) as tf.Tensor1D,
        ...standardizer === "phi_s" && {
          rotation: at("rotation", [width, width]) as tf.Tensor2D,
        },
      };
      return [type, own];
    })),
  ]));
  return {
    tensors: {
      parameters: buffer(""),
      adam: { first: buffer("adam.first."), second: buffer("adam.second.") },
      statistics,
      ...averages && {
        averages: load("balancing.averages", [teachers.length]) as tf.Tensor1D,
      },
    },
    step,
  };
}

/** `statistics.TEACHER.TYPE.mean`, `.std` and, of a rotation, `.rotation`, in a fixed order. */
function statisticsByName(statistics: Statistics): [name: string, tensor: tf.Tensor][] {
  return Object.entries(statistics).flatMap(([teacher, types]) =>
    Object.entries(types).flatMap(([type, tensors]) =>
      (["mean", "std", "rotation"] as const).flatMap((kind) => {
        const tensor = tensors[kind];
        const name = `statistics.${teacher}.${type}.${kind}`;
        return tensor === undefined ? [] : [[name, tensor] as [string, tf.Tensor]];
      })
    )
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
