/** How a run begins, or goes on, and how it ends. */
import { writeFileAtomic } from "../io/atomic_file.ts";
import type { Layout } from "../tensors/parameters.ts";
import { initParameters, type StudentParameters } from "../method/student.ts";
import type { Teacher } from "../teachers/backbone.ts";
import { loadLatestCheckpoint } from "../runs/checkpoint/checkpoint.ts";
import { freshGuard, type GuardState, storedGuard } from "./guard/policy.ts";
import { stateShapeOf, type TrainingSetup } from "./setup.ts";
import { type RunFolder, storeRecipe } from "../runs/run_folder.ts";
import {
  provenanceDifferences,
  provenanceOf,
  refuseDifferences,
  type RunProvenance,
} from "../runs/provenance.ts";
import type { Statistics } from "../method/standardizers/statistics.ts";
import { type DistillState, initState, stateFromHost, stateToHost } from "../method/state.ts";
import { stateDigest } from "../method/state_digest.ts";
import { encodeStudent } from "../runs/student_file.ts";

/** How a run ended. */
export interface DistillSummary {
  /** The run folder. */
  readonly run: string;
  /** Updates done. */
  readonly steps: number;
  /** Images seen. */
  readonly images: number;
  /** Seconds of training, without pauses between resumed parts. */
  readonly seconds: number;
  /** Loss of the last step. */
  readonly loss: number;
  /** SHA-256 over every tensor of the state; equal runs have equal digests. */
  readonly stateDigest: string;
  /** Images that are unreadable and were replaced. */
  readonly quarantined: number;
  /** False where the run was stopped before its end. */
  readonly finished: boolean;
}

/** What of a run is neither in its tensors nor in its recipe. */
export type RunProgress = {
  /** Seconds of training so far. */
  readonly seconds: number;
  /** Loss of the last update. */
  readonly loss: number;
  readonly guard: GuardState;
};

/**
 * A fresh state, or that of the newest checkpoint of a resumed run.
 *
 * @param options fit: gives the statistics that a fresh state begins with, where they are fitted;
 * allow: names of what may differ from what the run was begun with
 * @throws {UserError} with the list of what differs and is not allowed
 */
export async function startOrResume(
  run: RunFolder,
  setup: TrainingSetup,
  options: {
    readonly fit: () => Promise<Statistics | undefined>;
    readonly allow?: readonly string[];
  },
): Promise<{
  state: DistillState;
  layout: Layout<StudentParameters>;
  origin: RunProvenance;
  progress: RunProgress;
}> {
  const { recipe, student, random } = setup;
  const origin = await provenanceOf(setup);
  const checkpoint = run.resumed ? await loadLatestCheckpoint(run.folder) : undefined;
  if (checkpoint !== undefined) {
    const differences = provenanceDifferences(checkpoint.meta, { recipe, origin });
    refuseDifferences(run.folder, differences, options.allow ?? []);
    await storeRecipe(run, recipe);
  }
  const { parameters, layout } = initParameters(student, random);
  const shape = stateShapeOf(setup);
  if (checkpoint === undefined) {
    const state = initState(parameters, shape, await options.fit());
    return { state, layout, origin, progress: { seconds: 0, loss: NaN, guard: freshGuard } };
  }
  parameters.dispose();
  const { seconds = 0, loss = NaN } = checkpoint.meta.progress as Partial<RunProgress>;
  return {
    state: stateFromHost(checkpoint.tensors, checkpoint.step, layout, shape),
    layout,
    origin,
    progress: { seconds, loss, guard: storedGuard(checkpoint.meta.progress, checkpoint.step) },
  };
}

/** Writes the student and the result of a finished run, and sums up. */
export async function finishRun(
  run: RunFolder,
  ended: {
    readonly setup: TrainingSetup;
    readonly layout: Layout<StudentParameters>;
    readonly state: DistillState;
    readonly progress: RunProgress;
  },
): Promise<DistillSummary> {
  const { setup, layout, state, progress } = ended;
  const tensors = await stateToHost(state, layout);
  const summary: DistillSummary = {
    run: run.folder,
    steps: state.step,
    images: state.step * setup.recipe.optimization.batchSize,
    seconds: progress.seconds,
    loss: progress.loss,
    stateDigest: stateDigest(tensors),
    quarantined: setup.images.quarantined?.length ?? 0,
    finished: state.step >= setup.plan.steps,
  };
  if (summary.finished) {
    await writeFileAtomic(
      run.student,
      encodeStudent(tensors, setup.student.encoder, {
        recipe: setup.recipe.name,
        teachers: setup.teachers.map(({ name }) => name).join(" "),
        teacherLicences: JSON.stringify(licencesOf(setup.teachers)),
      }),
    );
    await writeFileAtomic(run.result, JSON.stringify(summary, null, 2) + "\n");
  }
  return summary;
}

/** By name: what a student of these teachers has to respect. */
export function licencesOf(teachers: readonly Teacher[]): Record<string, string> {
  return Object.fromEntries(teachers.map(({ name, licence }) => [name, licence]));
}
