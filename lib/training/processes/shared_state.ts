/** The leader's state, given to all processes of its group. */
import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import { UserError } from "../../errors/user_error.ts";
import {
  type DistillState,
  stateFromHost,
  type StateShape,
  stateToHost,
} from "../../method/state.ts";
import type { Layout } from "../../tensors/parameters.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";
import { type GuardState, storedGuard } from "../guard/policy.ts";

type Sharing = Pick<ProcessGroup, "say" | "broadcast">;

const wordSchema = z.object({
  step: z.int().min(0),
  guard: z.unknown(),
  /** Name and shape of every tensor, in the order in which they follow each other. */
  tensors: z.array(z.tuple([z.string(), z.array(z.int().min(0))])),
});

/** Gives a state to the others, bit for bit, with the guard's: who has them needs no checkpoint. */
export async function shareState(
  group: Sharing,
  state: DistillState,
  { layout, guard }: { readonly layout: Layout; readonly guard: GuardState },
): Promise<void> {
  const host = [...await stateToHost(state, layout)];
  const tensors = host.map(([name, { shape }]) => [name, shape]);
  await group.say({ step: state.step, guard, tensors });
  const values = new Float32Array(host.reduce((sum, [, { data }]) => sum + data.length, 0));
  let offset = 0;
  for (const [, { data }] of host) {
    values.set(data, offset);
    offset += data.length;
  }
  const flat = tf.tensor1d(values);
  try {
    (await group.broadcast(flat)).dispose();
  } finally {
    flat.dispose();
  }
}

/**
 * Takes the state that the leader gives.
 *
 * @throws {UserError} where it is none of this layout and shape
 */
export async function receiveState(
  group: Sharing,
  layout: Layout,
  shape: StateShape,
): Promise<{ readonly state: DistillState; readonly guard: GuardState }> {
  const { success, data } = wordSchema.safeParse(await group.say(undefined));
  if (!success) {
    throw new UserError(
      "Cannot take the state of the group's leader: found something else. Start all processes with the " +
        "same version of the package",
    );
  }
  const { step, guard, tensors } = data;
  const sizes = tensors.map(([, shape]) => shape.reduce((a, b) => a * b, 1));
  const empty = tf.zeros<tf.Rank.R1>([sizes.reduce((a, b) => a + b, 0)]);
  const flat = await group.broadcast(empty).finally(() => empty.dispose());
  const values = await flat.data<"float32">();
  flat.dispose();
  let offset = 0;
  const host = new Map(tensors.map(([name, shape], i): [string, FloatTensor] => {
    const data = values.subarray(offset, offset += sizes[i]!);
    return [name, { shape, data }];
  }));
  return { state: stateFromHost(host, step, layout, shape), guard: storedGuard({ guard }, step) };
}
