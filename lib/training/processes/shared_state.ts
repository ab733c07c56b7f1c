/** The leader's state, given to all processes of its group. */
import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import { UserError } from "../../errors/user_error.ts";
import {
  type DistillState,
  othersFromHost,
  othersToHost,
  type StateShape,
} from "../../method/state.ts";
import type { Layout } from "../../tensors/parameters.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";
import { type GuardState, storedGuard } from "../guard/policy.ts";
import { broadcastWhole } from "./pieces.ts";

type Sharing = Pick<ProcessGroup, "rank" | "say" | "broadcast">;

const wordSchema = z.object({
  step: z.int().min(0),
  guard: z.unknown(),
  /** Of the parameters, and of each moment. */
  size: z.int().min(1),
  /** Name and shape of every other tensor, in the order in which they follow each other. */
  others: z.array(z.tuple([z.string(), z.array(z.int().min(0))])),
});

/**
 * Gives a state to the others, bit for bit, with the guard's: who has them needs no checkpoint. Parameters and
 * moments follow one another, so that nobody has two copies of all of them.
 */
export async function shareState(
  group: Sharing,
  { step, tensors: { parameters, adam: { first, second }, ...others } }: DistillState,
  { guard }: { readonly guard: GuardState },
): Promise<void> {
  const host = [...await othersToHost(others)];
  const { size } = parameters;
  await group.say({ step, guard, size, others: host.map(([name, { shape }]) => [name, shape]) });
  for (const flat of [parameters, first, second]) await broadcastWhole(group, flat);
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
 * @param keep what is kept of each moment, which it takes over. Default: all of it
 * @throws {UserError} where it is none of this layout and shape
 */
export async function receiveState(
  group: Sharing,
  { size }: Pick<Layout, "size">,
  shape: StateShape,
  keep: (moment: tf.Tensor1D) => tf.Tensor1D = (moment) => moment,
): Promise<{ readonly state: DistillState; readonly guard: GuardState }> {
  const { data } = wordSchema.safeParse(await group.say(undefined));
  if (data?.size !== size) {
    throw new UserError(
      `Cannot take the state of the group's leader: found ${
        data?.size ?? "something else"
      }, expected ` +
        `${size} parameters. Start all processes with the same version of the package`,
    );
  }
  const { step, guard, others } = data;
  const receive = async () => (await broadcastWhole(group, { size }))!;
  const parameters = await receive();
  const first = keep(await receive()), second = keep(await receive());
  const sizes = others.map(([, shape]) => shape.reduce((a, b) => a * b, 1));
  const flat = await group.broadcast({ size: sizes.reduce((a, b) => a + b, 0) });
  const values = await flat.data<"float32">();
  flat.dispose();
  let offset = 0;
  const host = new Map(others.map(([name, shape], i): [string, FloatTensor] => {
    const data = values.subarray(offset, offset += sizes[i]!);
    return [name, { shape, data }];
  }));
  const tensors = { parameters, adam: { first, second }, ...othersFromHost(host, shape) };
  return { state: { step, tensors }, guard: storedGuard({ guard }, step) };
}
