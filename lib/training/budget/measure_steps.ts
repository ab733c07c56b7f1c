/** What a step of a run takes: measured on its own first steps, which are thrown away. */
import * as tf from "@tensorflow/tfjs";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import { type DistillState, stateToHost } from "../../method/state.ts";
import { studentLayout, type StudentParameters } from "../../method/student.ts";
import { saveCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import { resolutionShares } from "../../recipe/resolutions.ts";
import { stateShapeOf } from "../../recipe/student_config.ts";
import type { Layout } from "../../tensors/parameters.ts";
import { freshGuard } from "../guard/policy.ts";
import { openPrefix } from "../prefix.ts";
import { receiveState, shareState } from "../processes/shared_state.ts";
import { keepSlices, openSharding, type Sharding } from "../processes/sharding.ts";
import type { TrainingSetup } from "../setup.ts";
import { freshState } from "../start.ts";
import { openTargets } from "../targets.ts";
import { openTeacherWatch } from "../teacher_stop/watch.ts";
import { makeTrainer } from "../trainer.ts";
import type { StepSeconds } from "./fit_steps.ts";
import { measuredBatches, timeLadderInputs, timeStandardizer } from "./measure_fits.ts";
import { leadersWord, type MeasuredSteps, mostSteps, timeSizes } from "./time_steps.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** Bounds of the measuring. */
export interface Measuring {
  /** Seconds after which no more steps are begun than are needed; compiling is not counted. */
  readonly seconds: number;
  readonly now: () => number;
  /** Where features and a checkpoint are written for the while; removed afterwards. */
  readonly folder: string;
}

/**
 * Takes steps as the run will take them: of new views and, where features are kept, of the same views
 * again; where the student's images rise in size, some of each size. Neither the state nor the random numbers of the
 * run are touched.
 *
 * @param group of processes that share every batch and follow by `followMeasuring`. Default: this one takes all of it
 */
export async function measureSteps(
  setup: TrainingSetup,
  measuring: Measuring,
  group?: ProcessGroup,
): Promise<StepSeconds> {
  try {
    return await timeRun(withNewViews(setup), measuring, group);
  } finally {
    await Deno.remove(measuring.folder, { recursive: true }).catch(() => {});
  }
}

/** A setup with as many views as make every batch that is measured a new one; a run of one more step draws none. */
function withNewViews(setup: TrainingSetup): TrainingSetup {
  const { recipe, order, plan } = setup, steps = measuredBatches + mostSteps + 2;
  const views = recipe.featureCache === false ? plan.views : Math.ceil(steps / order.stepsPerEpoch);
  return { ...setup, plan: { ...plan, views, steps } };
}

async function timeRun(
  setup: TrainingSetup,
  { seconds, now, folder }: Measuring,
  group: ProcessGroup | undefined,
): Promise<StepSeconds> {
  const { featureCache, checkpoint, balancing, optimization } = setup.recipe;
  const isKept = featureCache !== false;
  const kept = { folder: `${folder}/features` };
  const targets = await openTargets(setup, kept);
  const standardizer = await timeStandardizer(setup, targets, now);
  const fresh = await freshState(setup, standardizer.statistics), { layout } = fresh;
  const prefix = await openPrefix(setup, layout, fresh.state.tensors.parameters, kept);
  const ladder = await timeLadderInputs(setup, layout, { state: fresh.state, prefix, now });
  const sharding = group && optimization.sharded ? openSharding(group, layout) : undefined;
  const trainer = makeTrainer(setup, layout, targets, prefix, group);
  const steps: MeasuredSteps = {
    ...{ trainer, state: ladder.state, first: measuredBatches, now, sharding },
    goOn: group && leadersWord(group),
  };
  try {
    if (group !== undefined) {
      await shareState(group, steps.state, { guard: freshGuard });
      if (sharding !== undefined) steps.state = keepSlices(steps.state, sharding);
    }
    const seen = group === undefined ? setup : { ...setup, part: group };
    const times = await timeSizes(seen, steps, { seconds, hasPrefix: prefix !== undefined });
    const { newView, again, frozen, startSeconds } = times;
    const features = Math.max(0, newView - again[0]!);
    const toHost = sharding?.toHost ?? ((state: DistillState) => stateToHost(state, layout));
    const saving = await timeCheckpoint(folder, { state: steps.state, toHost, now });
    await sharding?.goOn(steps.state);
    const heldOut = await timeHeldOut(setup, { state: steps.state, layout, now });
    const aside = saving / checkpoint.every + heldOut.seconds / (balancing.stop?.every ?? 1);
    const sizes = resolutionShares(setup.recipe);
    const stepSeconds = aside + sizes.reduce((sum, { share }, i) => sum + share * again[i]!, 0);
    return {
      startSeconds: startSeconds + standardizer.startSeconds + ladder.startSeconds +
        heldOut.startSeconds,
      stepSeconds,
      ...sizes.length > 1 && {
        bySize: sizes.map((size, i) => ({
          ...{ ...size, stepSeconds: aside + again[i]! },
          ...frozen[i] !== undefined && { frozenSeconds: frozen[i] },
        })),
      },
      ...isKept && { newViewSeconds: stepSeconds + features },
      ...standardizer.statistics && { fitSeconds: standardizer.batchSeconds + features },
    };
  } finally {
    trainer.dispose();
    tf.dispose(steps.state.tensors);
  }
}

/**
 * Takes part in the measuring of the group's leader, and throws away what it computes.
 *
 * @param setup with the part of every batch that this process sees
 * @param folder of features for the while; removed afterwards
 */
export async function followMeasuring(
  setup: TrainingSetup,
  group: ProcessGroup,
  folder: string,
): Promise<void> {
  const measured = withNewViews(setup), { recipe, student } = setup;
  const layout = studentLayout(student), shape = stateShapeOf(recipe, student.ladder.teachers);
  const sharding = recipe.optimization.sharded ? openSharding(group, layout) : undefined;
  const { state } = await receiveState(group, layout, shape, sharding?.keep);
  const kept = { folder };
  try {
    const prefix = await openPrefix(measured, layout, state.tensors.parameters, kept);
    const targets = await openTargets(measured, kept);
    const trainer = makeTrainer(measured, layout, targets, prefix, group);
    const steps: MeasuredSteps = {
      ...{ trainer, state, first: measuredBatches, sharding, goOn: leadersWord(group) },
      // The leader's clock decides.
      now: () => 0,
    };
    try {
      await timeSizes(measured, steps, { seconds: 0, hasPrefix: prefix !== undefined });
      // The leader may ask for the state until it goes on.
      await sharding?.goOn(steps.state);
    } finally {
      trainer.dispose();
      tf.dispose(steps.state.tensors);
    }
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

/** A state that was measured, its layout and a clock. */
interface MeasuredState {
  readonly state: DistillState;
  readonly layout: Layout<StudentParameters>;
  readonly now: () => number;
}

/** Seconds of writing a checkpoint, after those that make folders and have no old ones to remove. */
async function timeCheckpoint(
  folder: string,
  { state, toHost, now }: Pick<MeasuredState, "state" | "now"> & {
    readonly toHost: Sharding["toHost"];
  },
): Promise<number> {
  const times: number[] = [];
  for (const step of [1, 2, 3]) {
    const begun = now();
    await saveCheckpoint(folder, { step, tensors: await toHost(state), meta: {} });
    times.push((now() - begun) / 1000);
  }
  return meanOf(times.slice(2));
}

/** Seconds of measuring the teachers on held-out images, and how much longer the first time takes. */
async function timeHeldOut(
  setup: TrainingSetup,
  { state, layout, now }: MeasuredState,
): Promise<{ readonly seconds: number; readonly startSeconds: number }> {
  const { parameters } = state.tensors;
  const watch = await openTeacherWatch(setup, { layout, parameters, state: {} });
  if (watch === undefined) return { seconds: 0, startSeconds: 0 };
  try {
    const times: number[] = [];
    for (let i = 0; i < 2; i++) {
      const begun = now();
      await watch.measure(state);
      times.push((now() - begun) / 1000);
    }
    const [first = 0, seconds = 0] = times;
    return { seconds, startSeconds: Math.max(0, first - seconds) };
  } finally {
    watch.dispose();
  }
}
