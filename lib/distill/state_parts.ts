/**
 * How each part of a state is saved and restored. The table has an entry for every field of
 * {@linkcode DistillTensors}: a field that is added there without one here does not compile.
 */
import * as tf from "@tensorflow/tfjs";
import type { Layout } from "../parameters.ts";
import type { Statistics, TokenStatistics } from "../standardizer.ts";
import { UserError } from "../user_error.ts";
import type { StateShape } from "./state.ts";
import type { StateTensor } from "./state_digest.ts";
import type { DistillTensors } from "./step.ts";

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
