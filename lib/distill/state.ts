import * as tf from "@tensorflow/tfjs";
import type { AdamState } from "../optimizer.ts";
import type { Layout } from "../parameters.ts";
import { initStatistics, type StandardizerKind, type Statistics } from "../standardizer.ts";
import type { TeacherShape } from "../ladder.ts";
import type { Distillation } from "./prepare.ts";
import type { StateTensor } from "./state_digest.ts";
import { type StateParts, stateParts, stateReader } from "./state_parts.ts";
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
