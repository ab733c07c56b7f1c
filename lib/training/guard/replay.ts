/** Repeats a step that a guard refused. */
import { disposeTree } from "../../engine/compiler/tree.ts";
import { UserError } from "../../errors/user_error.ts";
import { stateFromHost } from "../../method/state.ts";
import type { StepMeasurements } from "../../method/step.ts";
import { studentLayout } from "../../method/student.ts";
import { stateShapeOf } from "../../recipe/student_config.ts";
import type { Checkpoint } from "../../runs/checkpoint/manifest.ts";
import { readCheckpoint } from "../../runs/checkpoint/read.ts";
import { type Incident, readIncident } from "../../runs/incident.ts";
import type { Teacher } from "../../teachers/backbone.ts";
import { useArithmetic } from "../arithmetic.ts";
import { drawBatch } from "../batch.ts";
import { readPlan } from "../../runs/run_plan.ts";
import { setUpTraining, type TrainingSetup, withPlan } from "../setup.ts";
import { openPrefix } from "../prefix.ts";
import { openTargets } from "../targets.ts";
import { makeTrainer } from "../trainer.ts";
import { diagnoseStep } from "./diagnosis.ts";

/** One fact of an incident, as recorded and as computed again. */
export interface ReplayedFact {
  /** Its name. */
  readonly what: string;
  /** As recorded. */
  readonly then: string;
  /** As computed again. */
  readonly now: string;
}

/** The outcome of a replay. */
export interface Replay {
  /** Whether every fact is the same, numbers bit for bit. */
  readonly reproduced: boolean;
  /** The step that was refused. */
  readonly step: number;
  /** The cause, as computed again. */
  readonly cause: string;
  /** All facts that were compared. */
  readonly facts: readonly ReplayedFact[];
}

/**
 * Repeats the step of an incident, up to its gradient, from the state, images and random numbers that it
 * had; nothing is written.
 *
 * @param path of the incident, `runs/NAME/incidents/step-000123.json`
 * @param options teachers: those that were given to the run; default: those that its recipe names;
 * onNote: gets progress lines
 * @throws {UserError} where the file, the state beside it, an image source or a teacher is missing
 *
 * @example
 * ```ts ignore
 * const { reproduced, cause } = await replayIncident("runs/digits/incidents/step-000123.json");
 * console.log(reproduced, cause);
 * ```
 */
export async function replayIncident(
  path: string,
  options: {
    readonly teachers?: readonly Teacher[] | undefined;
    readonly onNote?: ((line: string) => void) | undefined;
  } = {},
): Promise<Replay> {
  const { teachers, onNote } = options;
  const incident = await readIncident(path);
  const checkpoint = await readState(path, incident);
  using _arithmetic = await useArithmetic(incident.recipe);
  const opened = await setUpTraining(incident.recipe, { teachers, onNote });
  const setup = await withStoredPlan(path, opened);
  try {
    const { measurements, cause } = await repeatStep(setup, checkpoint, incident);
    const facts = [
      { what: "state", then: incident.stateDigest, now: checkpoint.stateDigest },
      { what: "images", then: incident.imagesDigest, now: setup.images.digest },
      ...teacherFacts(incident, setup),
      ...measuredFacts(incident, measurements),
      { what: "cause", then: incident.cause.text, now: cause },
    ];
    const reproduced = facts.every(({ then, now }) => then === now);
    return { reproduced, step: incident.step, cause, facts };
  } finally {
    setup.images.close();
    if (teachers === undefined) setup.teachers.forEach((teacher) => teacher.dispose());
  }
}

/** The run's own plan, where it had a budget of minutes. */
async function withStoredPlan(path: string, setup: TrainingSetup): Promise<TrainingSetup> {
  const budget = await readPlan(`${path.replace(/[^/\\]*$/, "")}..`);
  return budget === undefined ? setup : withPlan(setup, budget);
}

async function readState(path: string, { state, step }: Incident): Promise<Checkpoint> {
  const folder = `${path.replace(/[^/\\]*$/, "")}${state}`;
  const checkpoint = state === undefined
    ? "there was no space to keep it"
    : await readCheckpoint(folder);
  if (typeof checkpoint !== "string") return checkpoint;
  throw new UserError(
    `Cannot replay "${path}": the state from before step ${step} is not there (${checkpoint}). ` +
      "Resume the run from its newest checkpoint instead: it comes to the same step",
  );
}

async function repeatStep(
  setup: TrainingSetup,
  checkpoint: Checkpoint,
  { step, kind, stoppedTeachers }: Incident,
): Promise<{ measurements: StepMeasurements; cause: string }> {
  const { recipe, student } = setup;
  const layout = studentLayout(student);
  const shape = stateShapeOf(recipe, student.ladder.teachers);
  const state = stateFromHost(checkpoint.tensors, step - 1, layout, shape);
  const prefix = await openPrefix(setup, layout, state.tensors.parameters);
  const trainer = makeTrainer(setup, layout, await openTargets(setup), prefix);
  try {
    const batch = trainer.prepare(drawBatch(setup, step - 1), stoppedTeachers);
    using gradients = await trainer.gradients(state, batch, stoppedTeachers);
    const { text } = await diagnoseStep(gradients, kind, { setup, layout });
    return { measurements: gradients.measurements, cause: text };
  } finally {
    disposeTree(state.tensors);
    trainer.dispose();
  }
}

function teacherFacts({ teachers }: Incident, setup: TrainingSetup): ReplayedFact[] {
  return teachers.map(({ name, digest }) => ({
    what: `teacher ${name}`,
    then: digest,
    now: setup.teachers.find((teacher) => teacher.name === name)?.digest ?? "missing",
  }));
}

function measuredFacts(then: StepMeasurements, now: StepMeasurements): ReplayedFact[] {
  const fact = (what: string, a: number | undefined, b: number | undefined) => (
    { what, then: String(a), now: String(b) }
  );
  return [
    fact("loss", then.loss, now.loss),
    fact("gradient norm", then.gradientNorm, now.gradientNorm),
    ...Object.entries(then.losses).map(([name, { total }]) =>
      fact(`loss of ${name}`, total, now.losses[name]?.total)
    ),
    ...Object.entries(then.shares).map(([name, share]) =>
      fact(`share of ${name}`, share, now.shares[name])
    ),
  ];
}
