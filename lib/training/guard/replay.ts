/** Does a step again that a guard refused. */
import { disposeTree } from "../../engine/compiler/tree.ts";
import type { Teacher } from "../../teachers/backbone.ts";
import { UserError } from "../../errors/user_error.ts";
import { drawBatch } from "../batch.ts";
import { readCheckpoint } from "../../runs/checkpoint/read.ts";
import { type Incident, readIncident } from "../../runs/incident.ts";
import { setUpTraining, stateShapeOf, type TrainingSetup } from "../setup.ts";
import { initParameters } from "../../method/student.ts";
import { diagnoseStep } from "./guard.ts";
import { stateFromHost } from "../../method/state.ts";
import type { StepMeasurements } from "../../method/step.ts";
import { cachedTargets, liveTargets } from "../targets.ts";
import { makeTrainer } from "../trainer.ts";

/** One thing that was written down, and what it is now. */
export interface ReplayedFact {
  /** Its name. */
  readonly what: string;
  /** As written down. */
  readonly then: string;
  /** As computed again. */
  readonly now: string;
}

/** What a replay found. */
export interface Replay {
  /** Whether every fact is the same, numbers bit for bit. */
  readonly reproduced: boolean;
  /** That was refused. */
  readonly step: number;
  /** What the guard named. */
  readonly cause: string;
  /** All that was compared. */
  readonly facts: readonly ReplayedFact[];
}

/**
 * Does the step of an incident again, up to its gradient, from the state, images and random numbers
 * that it had; nothing is written.
 *
 * @param path of the incident, `runs/NAME/incidents/step-000123.json`
 * @param options teachers: those of one's own that the run had; onNote: told what is being prepared
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
    readonly teachers?: readonly Teacher[];
    readonly onNote?: (line: string) => void;
  } = {},
): Promise<Replay> {
  const incident = await readIncident(path);
  const stored = await readState(path, incident);
  const setup = await setUpTraining(incident.recipe, {
    ...options.teachers && { teachers: options.teachers },
    ...options.onNote && { progress: options.onNote },
  });
  try {
    const { measurements, cause } = await stepAgain(setup, stored, incident);
    const facts = [
      { what: "state", then: incident.stateDigest, now: stored.stateDigest },
      { what: "images", then: incident.imagesDigest, now: setup.images.digest },
      ...teacherFacts(incident, setup),
      ...measuredFacts(incident, measurements),
      { what: "cause", then: incident.cause.text, now: cause },
    ];
    const reproduced = facts.every(({ then, now }) => then === now);
    return { reproduced, step: incident.step, cause, facts };
  } finally {
    setup.images.close();
    if (options.teachers === undefined) setup.teachers.forEach((one) => one.dispose());
  }
}

async function readState(path: string, { state, step }: Incident) {
  const folder = `${path.replace(/[^/\\]*$/, "")}${state}`;
  const found = state === undefined
    ? "there was no space to keep it"
    : await readCheckpoint(folder);
  if (typeof found !== "string") return found;
  throw new UserError(
    `Cannot replay "${path}": the state from before step ${step} is not there (${found}). Resume the ` +
      "run from its newest checkpoint instead: it comes to the same step",
  );
}

async function stepAgain(
  setup: TrainingSetup,
  stored: Exclude<Awaited<ReturnType<typeof readCheckpoint>>, string>,
  { step, kind }: Incident,
): Promise<{ measurements: StepMeasurements; cause: string }> {
  const { parameters, layout } = initParameters(setup.student, setup.random);
  parameters.dispose();
  const shape = stateShapeOf(setup);
  const state = stateFromHost(stored.tensors, step - 1, layout, shape);
  const targets = setup.recipe.featureCache ? await cachedTargets(setup) : liveTargets(setup);
  const trainer = makeTrainer(setup, layout, targets);
  let cause = "";
  try {
    const batch = trainer.prepare(drawBatch(setup, step - 1));
    const { measurements } = await trainer.step(state, batch, async (half) => {
      cause = (await diagnoseStep(half, kind, { setup, layout })).text;
      return { incident: cause };
    });
    return { measurements, cause };
  } finally {
    disposeTree(state.tensors);
    trainer.dispose();
  }
}

function teacherFacts({ teachers }: Incident, now: TrainingSetup): ReplayedFact[] {
  return teachers.map(({ name, digest }) => ({
    what: `teacher ${name}`,
    then: digest,
    now: now.teachers.find((teacher) => teacher.name === name)?.digest ?? "missing",
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
