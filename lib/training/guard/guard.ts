/** The guard of a run: decides over every step, and records what it refuses. */
import { stateFromHost } from "../../method/state.ts";
import type { DistillTensors } from "../../method/step.ts";
import { stateShapeOf } from "../../recipe/student_config.ts";
import type { Checkpoint } from "../../runs/checkpoint/manifest.ts";
import { listCheckpoints, readCheckpoint } from "../../runs/checkpoint/read.ts";
import type { Layout } from "../../tensors/parameters.ts";
import type { StateReader } from "../saver.ts";
import type { TrainingSetup } from "../setup.ts";
import type { StepGradients } from "../trainer.ts";
import { diagnoseStep } from "./diagnosis.ts";
import { incidentRecorder } from "./incident_recorder.ts";
import { refusalText, stopError } from "./messages.ts";
import { type GuardState, judgeStep, storedGuard } from "./policy.ts";

/** A guard that is at work. */
export interface RunGuard {
  /** For the checkpoint. */
  readonly state: GuardState;
  /**
   * Decides over a step from its loss and gradient; what is refused is recorded.
   *
   * @throws {RunStop} where the run must end and its state is whole
   * @throws {UserError} where the run must end and its weights are broken
   */
  judge(step: StepGradients): Promise<GuardOutcome>;
}

/** The 1-based number of the update that a step may do, or why there is none. */
export type GuardOutcome =
  | { readonly update: number }
  | {
    readonly incident: string;
    /** Those to go on with, which the caller owns; by default those from before the step. */
    readonly tensors?: DistillTensors;
  };

/**
 * Guards a run from a state on.
 *
 * @param folder of the run: incidents are written to `incidents/` in it
 * @param options toHost: gives every tensor of a state; gradientLayout: of the gradient, where it is a slice
 */
export function openGuard(
  folder: string,
  { setup, layout, state, toHost, gradientLayout }: {
    readonly setup: TrainingSetup;
    readonly layout: Layout;
    readonly state: GuardState;
    readonly toHost: StateReader;
    readonly gradientLayout?: Layout | undefined;
  },
): RunGuard {
  const { recipe, student } = setup;
  const shape = stateShapeOf(recipe, student.ladder.teachers);
  const record = incidentRecorder(folder, { setup, toHost });
  let current = state;
  return {
    get state() {
      return current;
    },
    async judge(step) {
      const decision = judgeStep(current, step.measurements, recipe.guard);
      if (decision.action === "update") {
        current = decision.state;
        return { update: current.updates };
      }
      const { anomaly } = decision;
      const diagnosis = await diagnoseStep(step, anomaly.kind, { setup, layout, gradientLayout });
      // Weights that are broken stay so, whatever the next batch.
      const lost = diagnosis.of === "weights";
      const action = lost && decision.action === "skip" ? "stop" : decision.action;
      const path = await record({ step, anomaly, diagnosis, action });
      const refusal = refusalText(step, { anomaly, diagnosis, record: path });
      if (action === "stop") throw stopError(folder, refusal, { lost });
      const { incidents } = decision.state;
      const count = `incident ${incidents} of at most ${recipe.guard.budget}`;
      if (action === "skip") {
        current = decision.state;
        return { incident: `${refusal}; skipped, ${count}` };
      }
      const checkpoint = await rollbackCheckpoint(folder, recipe.checkpoint.every);
      if (checkpoint === undefined) {
        throw stopError(folder, `${refusal}; no checkpoint to go back to`, { lost });
      }
      current = { ...storedGuard(checkpoint.meta.progress, checkpoint.step), incidents };
      const { tensors } = stateFromHost(checkpoint.tensors, checkpoint.step, layout, shape);
      const incident = `${refusal}; back to the state of step ${checkpoint.step}, ${count}`;
      return { tensors, incident };
    },
  };
}

/**
 * The newest checkpoint that the run's own rhythm wrote, so that a run which was interrupted in between
 * goes back as far as one that was not; where there is none, the newest of all.
 */
async function rollbackCheckpoint(folder: string, every: number): Promise<Checkpoint | undefined> {
  const all = await listCheckpoints(`${folder}/checkpoints`);
  const regular = all.filter(({ step }) => step % every === 0);
  for (const { folder } of [...regular, ...all]) {
    const checkpoint = await readCheckpoint(folder);
    if (typeof checkpoint !== "string") return checkpoint;
  }
  return undefined;
}
