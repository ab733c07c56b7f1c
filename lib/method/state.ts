/** The state of a distillation: tensors on the engine, and the same by name on the host for checkpoints. */
import * as tf from "@tensorflow/tfjs";
import { initAdam } from "../tensors/adamw.ts";
import { type Layout, namedTensors, type Parameters } from "../tensors/parameters.ts";
import type { StandardizerKind } from "./standardizers/standardizer.ts";
import {
  initStatistics,
  type Statistics,
  type TokenStatistics,
} from "./standardizers/statistics.ts";
import type { FloatTensor } from "../weights/host_tensor.ts";
import type { TeacherShape } from "./tokens.ts";
import type { DistillTensors } from "./step.ts";
import { UserError } from "../errors/user_error.ts";

/** Everything that a resumed run needs besides its recipe: random numbers are addressed by the step. */
export interface DistillState {
  readonly tensors: DistillTensors;
  /** Updates done so far. */
  readonly step: number;
}

/** Which tensors a state has, besides those of the student. */
export interface StateShape {
  readonly teachers: readonly TeacherShape[];
  readonly standardizer: StandardizerKind;
  /** Whether the balancing keeps running averages of the losses. */
  readonly averages: boolean;
}

/**
 * A fresh state of these parameters, with Adam at zero.
 *
 * @param parameters `[size]`; the state takes them over
 * @param statistics to begin with, taken over too; default: mean 0 and deviation 1
 */
export function initState(
  parameters: tf.Tensor1D,
  { teachers, averages }: Pick<StateShape, "teachers" | "averages">,
  statistics: Statistics = initStatistics(teachers),
): DistillState {
  return {
    step: 0,
    tensors: {
      parameters,
      adam: initAdam(parameters),
      statistics,
      // Absent rather than undefined: each key is a tensor of the compiled step.
      ...averages && { averages: tf.zeros<tf.Rank.R1>([teachers.length]) },
    },
  };
}

/**
 * Every tensor of a state by name: parameters and moments under the names of the layout,
 * `statistics.TEACHER.TYPE.mean`, `.std` and, where there are, `.rotation` or `.axes` and `.kept`, and
 * `balancing.averages`.
 *
 * @param readMoment gives all numbers of a moment. Default: those that it has
 */
export async function stateToHost(
  { tensors }: DistillState,
  layout: Layout,
  readMoment: (moment: tf.Tensor1D) => Promise<Float32Array> = (moment) => moment.data<"float32">(),
): Promise<Map<string, FloatTensor>> {
  const { parameters, adam: { first, second }, ...others } = tensors;
  return new Map([
    ...await flatToHost(parameters, layout),
    ...viewsOfFlat(await readMoment(first), layout, adamFirst),
    ...viewsOfFlat(await readMoment(second), layout, adamSecond),
    ...await othersToHost(others),
  ]);
}

/** What a state has beside parameters and moments. */
export type OtherTensors = Omit<DistillTensors, "parameters" | "adam">;

/** What a state has beside parameters and moments, by name. */
export async function othersToHost(tensors: OtherTensors): Promise<Map<string, FloatTensor>> {
  const { statistics, averages, ...unsaved } = tensors;
  // A new field of the state does not compile until it is saved here.
  unsaved satisfies { readonly [field: string]: never };
  const host = await tensorsToHost({ statistics });
  if (averages !== undefined) host.set(averagesName, await tensorToHost(averages));
  return host;
}

/** The tensors of a tree by name. */
export async function tensorsToHost(tree: Parameters): Promise<Map<string, FloatTensor>> {
  const host = new Map<string, FloatTensor>();
  for (const [name, tensor] of namedTensors(tree)) host.set(name, await tensorToHost(tensor));
  return host;
}

async function tensorToHost(tensor: tf.Tensor): Promise<FloatTensor> {
  return { shape: tensor.shape, data: await tensor.data<"float32">() };
}

const adamFirst = "adam.first.", adamSecond = "adam.second.", averagesName = "balancing.averages";

/**
 * The inverse of {@link stateToHost}.
 *
 * @throws {UserError} naming the first tensor that is missing or has another shape
 */
export function stateFromHost(
  host: ReadonlyMap<string, FloatTensor>,
  step: number,
  layout: Layout,
  shape: StateShape,
): DistillState {
  const tensors = tf.tidy((): DistillTensors => ({
    parameters: flatFromHost(host, layout),
    adam: {
      first: flatFromHost(host, layout, adamFirst),
      second: flatFromHost(host, layout, adamSecond),
    },
    ...othersFromHost(host, shape),
  }));
  return { step, tensors };
}

/**
 * The inverse of {@link othersToHost}.
 *
 * @throws {UserError} naming the first tensor that is missing or has another shape
 */
export function othersFromHost(
  host: ReadonlyMap<string, FloatTensor>,
  { teachers, standardizer, averages }: StateShape,
): OtherTensors {
  return tf.tidy((): OtherTensors => {
    // A new field of the state, optional or not, does not compile until it is restored here.
    const restored: Required<Omit<OtherTensors, "averages">> = {
      statistics: statisticsFromHost(host, teachers, standardizer),
    };
    if (!averages) return restored;
    const shape: [number] = [teachers.length];
    return { ...restored, averages: tensorFromHost<tf.Rank.R1>(host, averagesName, shape) };
  });
}

/** The tensors of a flat buffer by name, as views of one array. */
export async function flatToHost(
  flat: tf.Tensor1D,
  layout: Layout,
  prefix = "",
): Promise<Map<string, FloatTensor>> {
  return viewsOfFlat(await flat.data<"float32">(), layout, prefix);
}

function viewsOfFlat(
  values: Float32Array,
  layout: Layout,
  prefix: string,
): Map<string, FloatTensor> {
  return new Map(
    layout.entries.map(({ name, shape, offset, size }) => [
      prefix + name,
      { shape, data: values.subarray(offset, offset + size) },
    ]),
  );
}

function flatFromHost(
  host: ReadonlyMap<string, FloatTensor>,
  layout: Layout,
  prefix = "",
): tf.Tensor1D {
  const values = new Float32Array(layout.size);
  for (const { name, shape, offset } of layout.entries) {
    values.set(findTensor(host, prefix + name, shape).data, offset);
  }
  return tf.tensor1d(values);
}

function statisticsFromHost(
  host: ReadonlyMap<string, FloatTensor>,
  teachers: readonly TeacherShape[],
  standardizer: StandardizerKind,
): Statistics {
  return Object.fromEntries(teachers.map(({ name, width, featureWidth = width, tokens }) => [
    name,
    Object.fromEntries(tokens.map((type): [string, TokenStatistics] => {
      const path = `statistics.${name}.${type}`;
      const narrow = width < featureWidth;
      return [type, {
        mean: tensorFromHost<tf.Rank.R1>(host, `${path}.mean`, [featureWidth]),
        std: tensorFromHost<tf.Rank.R1>(host, `${path}.std`, [featureWidth]),
        ...standardizer === "phi_s" && !narrow && {
          rotation: tensorFromHost<tf.Rank.R2>(host, `${path}.rotation`, [width, width]),
        },
        ...narrow && {
          axes: tensorFromHost<tf.Rank.R2>(host, `${path}.axes`, [featureWidth, width]),
          kept: tensorFromHost<tf.Rank.R1>(host, `${path}.kept`, [1]),
        },
      }];
    })),
  ]));
}

function tensorFromHost<R extends tf.Rank>(
  host: ReadonlyMap<string, FloatTensor>,
  name: string,
  shape: tf.ShapeMap[R],
): tf.Tensor<R> {
  return tf.tensor(findTensor(host, name, shape).data, shape);
}

function findTensor(
  host: ReadonlyMap<string, FloatTensor>,
  name: string,
  shape: readonly number[],
): FloatTensor {
  const tensor = host.get(name);
  if (tensor && tensor.shape.join() === shape.join()) return tensor;
  throw new UserError(
    `Cannot restore the state: tensor "${name}" is ` +
      (tensor ? `[${tensor.shape}]` : "missing") + `, expected [${shape}]. ` +
      "Resume with the recipe that wrote this checkpoint, or start a new run folder",
  );
}
