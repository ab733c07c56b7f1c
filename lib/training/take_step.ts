/** One step of a run, with the guard between its two halves. */
import { disposeTree } from "../engine/compiler/tree.ts";
import type { DistillState } from "../method/state.ts";
import type { RunGuard } from "./guard/guard.ts";
import type { FinishedStep } from "./report.ts";
import type { PreparedBatch, Trainer } from "./trainer.ts";

/**
 * Takes one step: updates the state, or goes on without an update where the guard refuses it. It takes
 * over the batch and the state; where it throws, the state stays the caller's.
 */
export async function takeStep(
  { trainer, guard }: { readonly trainer: Trainer; readonly guard: RunGuard },
  state: DistillState,
  batch: PreparedBatch,
): Promise<FinishedStep & { readonly state: DistillState }> {
  using gradients = await trainer.gradients(state, batch);
  const { host, measurements } = gradients;
  const outcome = await guard.judge(gradients);
  if ("update" in outcome) {
    return { host, measurements, state: await trainer.update(gradients, outcome.update) };
  }
  const { incident, tensors = state.tensors } = outcome;
  const undone = tensors !== state.tensors;
  if (undone) disposeTree(state.tensors);
  return { host, measurements, incident, undone, state: { step: state.step + 1, tensors } };
}
