/** Writes refused steps to `incidents/` of a run, each with the state that it can be replayed from. */
import { stateDigest } from "../../method/state_digest.ts";
import { saveCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import { type Incident, writeIncident } from "../../runs/incident.ts";
import type { StateReader } from "../saver.ts";
import type { TrainingSetup } from "../setup.ts";
import type { StepGradients } from "../trainer.ts";
import type { Diagnosis } from "./diagnosis.ts";
import type { Anomaly } from "./policy.ts";

/** A step that may not update. */
export interface RefusedStep {
  readonly step: StepGradients;
  readonly anomaly: Anomaly;
  readonly diagnosis: Diagnosis;
  readonly action: Incident["action"];
}

/**
 * Makes the recorder of a run: a function that writes the incident and, unless the last one left the same,
 * the state. A full disk stops nothing.
 *
 * @returns where it is written, for people
 */
export function incidentRecorder(
  folder: string,
  { setup, toHost }: { readonly setup: TrainingSetup; readonly toHost: StateReader },
): (refused: RefusedStep) => Promise<string> {
  let saved: { readonly digest: string; readonly state: string } | undefined;
  return async (refused) => {
    const { state } = refused.step;
    const path = `${folder}/incidents/${stepName(state.step + 1)}.json`;
    try {
      await Deno.mkdir(`${folder}/incidents`, { recursive: true });
      const tensors = await toHost(state);
      const digest = stateDigest(tensors);
      const incident = incidentOf(refused, setup, digest);
      await writeIncident(path, incident);
      if (saved?.digest !== digest) {
        const checkpoint = { step: state.step, tensors, meta: {} };
        await saveCheckpoint(`${folder}/incidents`, checkpoint, { keep: 1000 });
        saved = { digest, state: `checkpoints/${stepName(state.step)}` };
      }
      await writeIncident(path, { ...incident, state: saved.state });
      return `see ${path}`;
    } catch (error) {
      return `and ${path} is not whole: ${error instanceof Error ? error.message : error}`;
    }
  };
}

function stepName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

function incidentOf(
  { step: { state, stopped, host, measurements }, anomaly, diagnosis, action }: RefusedStep,
  { recipe, images, teachers, order }: TrainingSetup,
  digest: string,
): Incident {
  return {
    format: 1,
    step: state.step + 1,
    kind: anomaly.kind,
    action,
    cause: diagnosis,
    median: anomaly.kind === "spike" ? anomaly.median : undefined,
    ...measurements,
    seed: recipe.seed,
    epoch: order.at(state.step).epoch,
    view: host.view,
    images: Array.from(host.indices, (index) => ({ index, name: images.names[index] ?? "" })),
    imagesDigest: images.digest,
    teachers: teachers.map(({ name, digest }) => ({ name, digest })),
    ...stopped.length > 0 && { stoppedTeachers: stopped },
    learningRate: host.scheduled.learningRate,
    stateDigest: digest,
    recipe,
  };
}
