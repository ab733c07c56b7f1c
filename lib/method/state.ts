import * as tf from "@tensorflow/tfjs";
import type { AdamState } from "../tensors/adamw.ts";
import type { Layout } from "../tensors/parameters.ts";
import {
  initStatistics,
  type StandardizerKind,
  type Statistics,
  type TokenStatistics,
} from "./standardizers/standardizer.ts";
import type { TeacherShape } from "./tokens.ts";
import type { StateTensor } from "./state_digest.ts";
import type { DistillTensors } from "./step.ts";
import { UserError } from "../errors/user_error.ts";

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
  { tensors }: DistillState,
  layout: Layout,
): Promise<Map<string, StateTensor>> {
  const given: Partial<StateParts> = tensors;
  const host = new Map<string, StateTensor>();
  const save = async <Part extends keyof StateParts>(part: Part) => {
    const value = given[part];
    if (value === undefined) return;
    for (const [name, tensor] of await stateParts[part].toHost(value, layout)) {
      host.set(name, tensor);
    }
  };
  for (const part of Object.keys(stateParts)) await save(part as keyof StateParts);
  return host;
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
  const reader = stateReader(host, layout);
  const restored = Object.entries(stateParts)
    .map(([part, { fromHost }]) => [part, fromHost(reader, shape)] as const)
    .filter(([, value]) => value !== undefined);
  return { tensors: Object.fromEntries(restored) as DistillTensors, step };
}

/** The parts of a state, each of them present. */
export type StateParts = Required<DistillTensors>;

/** What was saved, by name. */
export interface StateReader {
  /** A tensor of its own. */
  tensor<R extends tf.Rank>(name: string, shape: tf.ShapeMap[R]): tf.Tensor<R>;
  /** A flat buffer, from the tensors that it holds. */
  buffer(prefix: string): tf.Tensor1D;
}

/** One part, both ways. */
interface StatePart<T> {
  toHost(value: T, layout: Layout): Promise<[name: string, tensor: StateTensor][]>;
  /** Undefined where a state of this shape has no such part. */
  fromHost(reader: StateReader, shape: StateShape): T | undefined;
}

/** By field of the state. */
export const stateParts: { readonly [Part in keyof StateParts]: StatePart<StateParts[Part]> } = {
  parameters: {
    toHost: async (flat, layout) => [...await flatToHost(flat, layout)],
    fromHost: (reader) => reader.buffer(""),
  },
  adam: {
    toHost: async ({ first, second }, layout) => [
      ...await flatToHost(first, layout, "adam.first."),
      ...await flatToHost(second, layout, "adam.second."),
    ],
    fromHost: (reader) => ({
      first: reader.buffer("adam.first."),
      second: reader.buffer("adam.second."),
    }),
  },
  statistics: {
    toHost: (statistics) => Promise.all(statisticsByName(statistics).map(named)),
    fromHost: readStatistics,
  },
  averages: {
    toHost: async (averages) => [await named(["balancing.averages", averages])],
    fromHost: (reader, { averages, teachers }) =>
      averages ? reader.tensor<tf.Rank.R1>("balancing.averages", [teachers.length]) : undefined,
  },
};

/** The tensors of a flat buffer by name, as views of one array. */
export async function flatToHost(
  flat: tf.Tensor1D,
  layout: Layout,
  prefix = "",
): Promise<Map<string, StateTensor>> {
  const values = await flat.data<"float32">();
  return new Map(
    layout.entries.map(({ name, shape, offset, size }) => [
      prefix + name,
      { shape, data: values.subarray(offset, offset + size) },
    ]),
  );
}

async function named([name, tensor]: [string, tf.Tensor]): Promise<[string, StateTensor]> {
  return [name, { shape: tensor.shape, data: await tensor.data<"float32">() }];
}

/** `statistics.TEACHER.TYPE.mean`, `.std` and, of a rotation, `.rotation`, in a fixed order. */
function statisticsByName(statistics: Statistics): [name: string, tensor: tf.Tensor][] {
  return Object.entries(statistics).flatMap(([teacher, types]) =>
    Object.entries(types).flatMap(([type, tensors]) =>
      Object.entries(tensors).map(([kind, tensor]): [string, tf.Tensor] => [
        `statistics.${teacher}.${type}.${kind}`,
        tensor,
      ])
    )
  );
}

function readStatistics(
  reader: StateReader,
  { teachers, standardizer }: StateShape,
): Statistics {
  return Object.fromEntries(teachers.map(({ name, width, tokens }) => [
    name,
    Object.fromEntries(tokens.map((type) => {
      const at = `statistics.${name}.${type}`;
      const own: TokenStatistics = {
        mean: reader.tensor<tf.Rank.R1>(`${at}.mean`, [width]),
        std: reader.tensor<tf.Rank.R1>(`${at}.std`, [width]),
        ...standardizer === "phi_s" && {
          rotation: reader.tensor<tf.Rank.R2>(`${at}.rotation`, [width, width]),
        },
      };
      return [type, own];
    })),
  ]));
}

/** @throws {UserError} while reading, for a tensor that is missing or has another shape */
export function stateReader(
  host: ReadonlyMap<string, StateTensor>,
  layout: Layout,
): StateReader {
  return {
    tensor: (name, shape) => tf.tensor(find(host, name, shape).data, shape),
    buffer(prefix) {
      const values = new Float32Array(layout.size);
      for (const entry of layout.entries) {
        values.set(find(host, prefix + entry.name, entry.shape).data, entry.offset);
      }
      return tf.tensor1d(values);
    },
  };
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
