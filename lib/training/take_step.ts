/** One step of a run, with the guard between its two halves. */
import { disposeTree } from "../engine/compiler/tree.ts";
import type { DistillState } from "../method/state.ts";
import type { RunGuard } from "./guard/guard.ts";
import type { FinishedStep } from "./report.ts";
import type { Sharding } from "./processes/sharding.ts";
import type { PreparedBatch, Trainer } from "./trainer.ts";

/**
 * Takes one step: updates the state, or goes on without an update where the guard refuses it. It takes
 * over the batch and the state; where the guard throws, the state stays the caller's.
 */
export async function takeStep(
  { trainer, guard, sharding, stopped }: {
    readonly trainer: Trainer;
    readonly guard: RunGuard;
    /** Of processes that keep slices of the state. Default: this one has all of it. */
    readonly sharding?: Pick<Sharding, "goOn"> | undefined;
    /** Names of teachers that count no more. Default: all count. */
    readonly stopped?: readonly string[] | undefined;
  },
  state: DistillState,
  batch: PreparedBatch,
): Promise<FinishedStep & { readonly state: DistillState }> {
  await sharding?.goOn(state);
  using gradients = await trainer.gradients(state, batch, stopped);
  const { host, measurements } = gradients;
  const taken = { host, measurements, stopped };
  const outcome = await guard.judge(gradients);
  if ("update" in outcome) {
    return { ...taken, state: await trainer.update(gradients, outcome.update) };
  }
  const { incident, tensors = state.tensors } = outcome;
  const undone = tensors !== state.tensors;
  if (undone) disposeTree(state.tensors);
  return { ...taken, incident, undone, state: { step: state.step + 1, tensors } };
}
