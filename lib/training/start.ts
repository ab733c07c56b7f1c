/** The start of a run: a fresh state, or that of the newest checkpoint. */
import * as tf from "@tensorflow/tfjs";
import { z } from "zod";
import { disposeTree } from "../engine/compiler/tree.ts";
import type { Work } from "../io/progress_line.ts";
import { noUse, type ProcessorUse } from "../metrics/costs/account.ts";
import { type DistillState, initState, stateFromHost } from "../method/state.ts";
import type { Statistics } from "../method/standardizers/statistics.ts";
import type { TeacherStopState } from "../method/teacher_stop.ts";
import type { EncoderParameters } from "../nn/encoder.ts";
import { initParameters, studentLayout, type StudentParameters } from "../method/student.ts";
import { stateShapeOf } from "../recipe/student_config.ts";
import { loadLatestCheckpoint } from "../runs/checkpoint/checkpoint.ts";
import {
  provenanceDifferences,
  provenanceOf,
  refuseDifferences,
  type RunProvenance,
} from "../runs/provenance.ts";
import { type RunFolder, storeRecipe } from "../runs/run_folder.ts";
import { storeOrigin } from "../runs/run_origin.ts";
import type { Recipe } from "../recipe/options.ts";
import type { Backbone } from "../teachers/backbone.ts";
import { parseCheckpointSource } from "../teachers/model_name.ts";
import { zoo } from "../teachers/zoo/entries.ts";
import type { Layout } from "../tensors/parameters.ts";
import { withFormerProjectors } from "./former_projectors.ts";
import { withCarriedHeads } from "./stages/carried_heads.ts";
import { matchedWeights } from "./source/match_source.ts";
import { openSource, weightsFrom } from "./source/warm_start.ts";
import { freshGuard, type GuardState, storedGuard } from "./guard/policy.ts";
import type { TrainingSetup } from "./setup.ts";
import { storedTeachers } from "./teacher_stop/watch.ts";

/** Progress of a run, which is neither in its tensors nor in its recipe. */
export type RunProgress = {
  /** Seconds of training so far. */
  readonly seconds: number;
  /** Loss of the last update; NaN before the first. */
  readonly loss: number;
  readonly guard: GuardState;
  /** What is known of the teachers on held-out images; empty where none is measured. */
  readonly teachers: TeacherStopState;
  /** What its processes used so far; undefined where a checkpoint of an older version does not tell. */
  readonly use?: ProcessorUse | undefined;
};

/** Where a run begins or goes on. */
export interface RunStart {
  readonly state: DistillState;
  readonly layout: Layout<StudentParameters>;
  readonly provenance: RunProvenance;
  readonly progress: RunProgress;
  /** Licences by name that the student must respect: of its teachers, and of the student it started from. */
  readonly licences: Readonly<Record<string, string>>;
  /** Whether the state is that of a checkpoint, which is on disk already. */
  readonly restored: boolean;
}

/**
 * A state before the first step.
 *
 * @param statistics of the standardiser, taken over, where they are fitted
 * @param startFrom what a student takes of the network that it starts from. Default: {@linkcode weightsFrom}
 */
export async function freshState(
  setup: Pick<TrainingSetup, "recipe" | "student" | "random" | "source" | "headsFrom">,
  statistics?: Statistics,
  startFrom: (source: Backbone) => EncoderParameters | Promise<EncoderParameters> = (source) =>
    weightsFrom(setup.recipe, source),
): Promise<Pick<RunStart, "state" | "layout"> & { readonly inherited: Record<string, string> }> {
  const { recipe, student, random } = setup;
  const source = setup.source ?? await openSource(recipe);
  try {
    const layout = studentLayout(student);
    const weights = source && await startFrom(source);
    const drawn = tf.tidy(() => initParameters(student, random, weights).parameters);
    if (weights !== undefined) disposeTree(weights);
    const { headsFrom } = setup;
    const carried = headsFrom === undefined
      ? drawn
      : await withCarriedHeads(drawn, layout, recipe, headsFrom);
    const parameters = await withFormerProjectors(carried, layout, recipe);
    const shape = stateShapeOf(recipe, student.ladder.teachers);
    const inherited = source === undefined ? {} : inheritedLicence(recipe, source);
    return { state: initState(parameters, shape, statistics), layout, inherited };
  } finally {
    if (setup.source === undefined) source?.dispose();
  }
}

/**
 * A fresh state, or that of the newest checkpoint of a resumed run.
 *
 * @param options fit: computes the statistics of a fresh state, where they are fitted; allow: names of
 * options that may differ from those that the run began with; onWork: gets what takes long
 * @throws {UserError} with the list of differences that are not allowed
 */
export async function startOrResume(
  run: RunFolder,
  setup: TrainingSetup,
  { fit, allow = [], onWork }: {
    readonly fit: () => Promise<Statistics | undefined>;
    readonly allow?: readonly string[] | undefined;
    readonly onWork?: ((work: Work) => void) | undefined;
  },
): Promise<RunStart> {
  const { recipe, student } = setup;
  const ofTeachers = Object.fromEntries(setup.teachers.map(({ name, licence }) => [name, licence]));
  const provenance = await provenanceOf(setup);
  const shape = stateShapeOf(recipe, student.ladder.teachers);
  const checkpoint = run.resumed ? await loadLatestCheckpoint(run.folder) : undefined;
  if (checkpoint === undefined) {
    const fresh = await freshState(
      setup,
      await fit(),
      (source) => matchedWeights(setup, source, onWork),
    );
    const { state, layout, inherited } = fresh;
    const licences = { ...inherited, ...ofTeachers };
    const progress = { seconds: 0, loss: NaN, guard: freshGuard, teachers: {}, use: noUse };
    await storeOrigin(run.folder, provenance.versions);
    return { state, layout, provenance, progress, licences, restored: false };
  }
  const differences = provenanceDifferences(checkpoint.meta, { recipe, provenance });
  refuseDifferences(run.folder, differences, allow);
  await storeRecipe(run, recipe);
  const layout = studentLayout(student);
  return {
    state: stateFromHost(checkpoint.tensors, checkpoint.step, layout, shape),
    layout,
    provenance,
    progress: storedProgress(checkpoint.meta.progress, checkpoint.step),
    licences: { ...storedLicences(checkpoint.meta.teacherLicences), ...ofTeachers },
    restored: true,
  };
}

/** Of a student that starts as another one, which had teachers of its own. */
function inheritedLicence(
  { student: { from = "" } }: Recipe,
  source: Backbone,
): Record<string, string> {
  const isStudent = parseCheckpointSource(from) === undefined &&
    !zoo.some(({ name }) => name === from);
  return isStudent ? { [source.name]: source.licence } : {};
}

/** What a checkpoint says of the licences; nothing where it is older than that. */
function storedLicences(stored: unknown): Record<string, string> {
  return z.record(z.string(), z.string()).safeParse(stored).data ?? {};
}

// JSON has no NaN: a loss before the first update is written as null.
const progressSchema = z.object({
  seconds: z.number().catch(0),
  loss: z.number().catch(NaN),
});

const amount = z.number().min(0);
const useSchema = z.object({
  use: z.object({ processorSeconds: amount, meteredSeconds: amount, joules: amount }),
});

/** The progress in the `meta.json` of a checkpoint after `step` steps. */
function storedProgress(progress: unknown, step: number): RunProgress {
  const { seconds, loss } = progressSchema.safeParse(progress).data ?? { seconds: 0, loss: NaN };
  return {
    seconds,
    loss,
    guard: storedGuard(progress, step),
    teachers: storedTeachers(progress),
    use: useSchema.safeParse(progress).data?.use,
  };
}
