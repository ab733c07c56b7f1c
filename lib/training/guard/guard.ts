/** The guard of a run: judges every step, and writes down what it refuses. */
import type { Layout } from "../../tensors/parameters.ts";
import { UserError } from "../../errors/user_error.ts";
import { diagnose, diagnoseSpike, type Diagnosis } from "./diagnosis.ts";
import { saveCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import { listCheckpoints, readCheckpoint } from "../../runs/checkpoint/read.ts";
import { type GuardDecision, type GuardState, judgeStep, storedGuard } from "./policy.ts";
import { type Incident, writeIncident } from "../../runs/incident.ts";
import { stateShapeOf, type TrainingSetup } from "../setup.ts";
import { stateFromHost, stateToHost } from "../../method/state.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";
import { stateDigest } from "../../method/state_digest.ts";
import type { HalfStep, Judge } from "../trainer.ts";

/** A guard that is at work. */
export interface RunGuard {
  /** For the checkpoint. */
  readonly state: GuardState;
  /** Between the two halves of a step. */
  readonly judge: Judge;
}

/** The guard ended the run; the state from before the step is whole, and worth saving. */
export class GuardStop extends UserError {}

type Refused = Exclude<GuardDecision, { readonly action: "update" }>;

/**
 * Guards a run from a state on.
 *
 * @param folder of the run: incidents are written to `incidents/` in it
 */
export function openGuard(
  folder: string,
  { setup, layout, state }: {
    readonly setup: TrainingSetup;
    readonly layout: Layout;
    readonly state: GuardState;
  },
): RunGuard {
  const { recipe } = setup;
  let current = state;
  let kept: { readonly digest: string; readonly state: string } | undefined;

  /** Writes the incident and, unless the last one left the same, the state; a full disk stops nothing. */
  async function writeDown(half: HalfStep, refused: Refused, cause: Diagnosis): Promise<string> {
    const { step } = half.state;
    const path = `${folder}/incidents/${nameOf(step + 1)}.json`;
    try {
      await Deno.mkdir(`${folder}/incidents`, { recursive: true });
      const tensors = await stateToHost(half.state, layout);
      const digest = stateDigest(tensors);
      const incident = incidentOf(half, { refused, cause, setup, digest });
      await writeIncident(path, incident);
      if (kept?.digest !== digest) {
        await saveCheckpoint(`${folder}/incidents`, { step, tensors, meta: {} }, { keep: 1000 });
        kept = { digest, state: `checkpoints/${nameOf(step)}` };
      }
      await writeIncident(path, { ...incident, state: kept.state });
      return `see ${path}`;
    } catch (error) {
      return `and ${path} is not whole: ${error instanceof Error ? error.message : error}`;
    }
  }

  return {
    get state() {
      return current;
    },
    async judge(half) {
      const judgement = judgeStep(current, half.measurements, recipe.guard);
      if (judgement.action === "update") {
        current = judgement.state;
        return { update: current.updates };
      }
      const cause = await diagnoseStep(half, judgement.trouble.kind, { setup, layout });
      // Weights that are broken stay so, whatever the next batch.
      const lost = cause.of === "weights";
      const action = lost && judgement.action === "skip" ? "stop" : judgement.action;
      const written = await writeDown(half, { ...judgement, action }, cause);
      const found = `${describe(half, judgement)}. Cause: ${cause.text}; ${written}`;
      if (action === "stop") throw stopped(folder, found, { lost });
      const { incidents } = judgement.state;
      const count = `incident ${incidents} of at most ${recipe.guard.budget}`;
      if (action === "skip") {
        current = judgement.state;
        return { incident: `${found}; skipped, ${count}` };
      }
      const back = await newestCheckpoint(folder, recipe.checkpoint.every);
      if (back === undefined) {
        throw stopped(folder, `${found}; no checkpoint to go back to`, { lost });
      }
      current = { ...storedGuard(back.meta.progress, back.step), incidents };
      const { tensors } = stateFromHost(
        back.tensors,
        back.step,
        layout,
        stateShapeOf(setup),
      );
      return { tensors, incident: `${found}; back to the state of step ${back.step}, ${count}` };
    },
  };
}

function nameOf(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}

/** What is wrong with a step that is refused; also asked when it is done again. */
export async function diagnoseStep(
  { state, batch, host, measurements, gradient }: HalfStep,
  kind: Refused["trouble"]["kind"],
  { setup, layout }: { readonly setup: TrainingSetup; readonly layout: Layout },
): Promise<Diagnosis> {
  if (kind === "spike") return diagnoseSpike(measurements);
  const { parameters, statistics } = state.tensors;
  const images = Array.from(host.indices, (index) => setup.images.names[index] ?? "");
  return await diagnose({ parameters, statistics, batch, measurements, gradient, layout, images });
}

function incidentOf(
  { state, host, measurements }: HalfStep,
  { refused, cause, setup, digest }: {
    readonly refused: Refused;
    readonly cause: Diagnosis;
    readonly setup: TrainingSetup;
    readonly digest: string;
  },
): Incident {
  const { recipe, images, teachers, order } = setup;
  const { kind } = refused.trouble;
  return {
    format: 1,
    step: state.step + 1,
    kind,
    action: refused.action,
    cause,
    ...refused.trouble.kind === "spike" && { median: refused.trouble.median },
    ...measurements,
    seed: recipe.seed,
    epoch: order.at(state.step).epoch,
    view: host.view,
    images: Array.from(host.indices, (index) => ({ index, name: images.names[index] ?? "" })),
    imagesDigest: images.digest,
    teachers: teachers.map(({ name, digest }) => ({ name, digest })),
    learningRate: host.scheduled.learningRate,
    stateDigest: digest,
    recipe,
  };
}

function describe({ state, measurements }: HalfStep, { trouble }: Refused): string {
  const { loss, gradientNorm } = measurements;
  const head = `at step ${state.step + 1} the loss is ${loss}`;
  return trouble.kind === "spike"
    ? `${head}, ${
      (loss / trouble.median).toFixed(1)
    } times the median of the last ${trouble.of}, ` +
      trouble.median.toPrecision(4)
    : `${head} and the gradient norm ${gradientNorm}, expected finite numbers`;
}

function stopped(folder: string, found: string, { lost }: { readonly lost: boolean }): UserError {
  const head = `Cannot go on with "${folder}": ${found}. `;
  const other = "start again with a lower optimization.learningRate or " +
    "optimization.maximumGradientNorm=1";
  if (!lost) {
    return new GuardStop(
      `${head}Nothing was updated and the state is saved. Mend the cause and add --resume, pass over ` +
        `this step by --resume --set guard.policy=skip, or ${other}`,
    );
  }
  return new UserError(
    `${head}The newest checkpoint is from before: --resume --set guard.policy=rollback, or ${other}`,
  );
}

/**
 * The newest checkpoint that the run's own rhythm wrote, so that a run which was interrupted in between
 * goes back as far as one that was not; where there is none, the newest of all.
 */
async function newestCheckpoint(folder: string, every: number) {
  const all = await listCheckpoints(`${folder}/checkpoints`);
  const regular = all.filter(({ step }) => step % every === 0);
  for (const { folder } of [...regular, ...all]) {
    const found = await readCheckpoint(folder);
    if (typeof found !== "string") return found;
  }
  return undefined;
}

/**
 * Refuses to keep what the next step would refuse.
 *
 * @throws {UserError} naming the first tensor with a number that is not finite
 */
export function assertFiniteState(tensors: Map<string, FloatTensor>, folder: string): void {
  const bad = tensors.entries().find(([, { data }]) => !data.every(Number.isFinite));
  if (bad === undefined) return;
  throw new UserError(
    `Cannot save the state of "${folder}": "${
      bad[0]
    }" holds numbers that are not finite since the ` +
      "last update. The newest checkpoint is from before: go on from there by --resume, with a lower " +
      "optimization.learningRate in another folder",
  );
}
