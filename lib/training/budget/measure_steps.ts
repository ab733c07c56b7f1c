/** What a step of a run takes: measured on its own first steps, which are thrown away. */
import * as tf from "@tensorflow/tfjs";
import { type DistillState, stateToHost } from "../../method/state.ts";
import type { StudentParameters } from "../../method/student.ts";
import { saveCheckpoint } from "../../runs/checkpoint/checkpoint.ts";
import { resolutionShares } from "../../recipe/resolutions.ts";
import type { Layout } from "../../tensors/parameters.ts";
import { drawBatch } from "../batch.ts";
import type { RunGuard } from "../guard/guard.ts";
import { freshGuard } from "../guard/policy.ts";
import { openPrefix } from "../prefix.ts";
import { withSize } from "../resolution.ts";
import type { TrainingSetup } from "../setup.ts";
import { freshState } from "../start.ts";
import { takeStep } from "../take_step.ts";
import { openTargets } from "../targets.ts";
import { openTeacherWatch } from "../teacher_stop/watch.ts";
import { makeTrainer, type Trainer } from "../trainer.ts";
import type { StepSeconds } from "./fit_steps.ts";
import { measuredBatches, timeLadderInputs, timeStandardizer } from "./measure_fits.ts";

/** Steps of each kind that are measured, at least and at most. */
const fewest = 3, most = 100;

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
 * again; where the student's images rise in size, some of each size. Neither the state nor the random numbers of the run are touched.
 */
export async function measureSteps(
  setup: TrainingSetup,
  measuring: Measuring,
): Promise<StepSeconds> {
  const isKept = setup.recipe.featureCache !== false;
  // As many views as make every batch that is measured a new one; a run of one more step draws none.
  const batches = measuredBatches + most + 2;
  const views = isKept ? Math.ceil(batches / setup.order.stepsPerEpoch) : setup.plan.views;
  try {
    return await timeRun({ ...setup, plan: { ...setup.plan, views, steps: batches } }, measuring);
  } finally {
    await Deno.remove(measuring.folder, { recursive: true }).catch(() => {});
  }
}

async function timeRun(
  setup: TrainingSetup,
  { seconds, now, folder }: Measuring,
): Promise<StepSeconds> {
  const { recipe: { featureCache, checkpoint, balancing } } = setup;
  const isKept = featureCache !== false;
  const kept = { folder: `${folder}/features` };
  const targets = await openTargets(setup, kept);
  const standardizer = await timeStandardizer(setup, targets, now);
  const fresh = await freshState(setup, standardizer.statistics), { layout } = fresh;
  const prefix = await openPrefix(setup, layout, fresh.state.tensors.parameters, kept);
  const ladder = await timeLadderInputs(setup, layout, { state: fresh.state, prefix, now });
  const trainer = makeTrainer(setup, layout, targets, prefix);
  const steps = { trainer, state: ladder.state, first: measuredBatches, now };
  try {
    const sizes = resolutionShares(setup.recipe), ofEach = seconds / sizes.length;
    const atSize = (i: number) => withSize(setup, sizes[i]!.size);
    const news = await timeSteps(atSize(0), steps, {
      seconds: isKept ? ofEach / 2 : ofEach,
      atMost: 1 + most,
    });
    const newView = mean(news.slice(1));
    // As many as were just computed: the batch after them is a new one.
    const seen = { seconds: ofEach, atMost: isKept ? news.length : 1 + most };
    const again = [
      isKept ? mean((await timeSteps(atSize(0), steps, seen)).slice(1)) : newView,
    ];
    const frozen: number[] = [];
    let startSeconds = Math.max(0, news[0]! - newView);
    // Teachers see the same views at every size, so their features are there; what frozen stages give is not.
    for (let i = 1; i < sizes.length; i++) {
      const [first = 0, ...others] = await timeSteps(atSize(i), steps, seen), once = mean(others);
      startSeconds += Math.max(0, first - once);
      if (isKept && prefix !== undefined) {
        again.push(mean((await timeSteps(atSize(i), steps, seen)).slice(1)));
        frozen[i] = Math.max(0, once - again[i]!);
      } else again.push(once);
    }
    const features = Math.max(0, newView - again[0]!);
    const saving = await timeCheckpoint(folder, { state: steps.state, layout, now });
    const heldOut = await timeHeldOut(setup, { state: steps.state, layout, now });
    const aside = saving / checkpoint.every + heldOut.seconds / (balancing.stop?.every ?? 1);
    const stepSeconds = aside +
      sizes.reduce((sum, { share }, i) => sum + share * again[i]!, 0);
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

/** Seconds of each of some steps in a row, the next batch being prepared beside each. */
async function timeSteps(
  setup: TrainingSetup,
  steps: {
    readonly trainer: Trainer;
    state: DistillState;
    readonly first: number;
    readonly now: () => number;
  },
  { seconds, atMost }: { readonly seconds: number; readonly atMost: number },
): Promise<number[]> {
  const { trainer, first, now } = steps;
  const times: number[] = [];
  let last = now();
  let begun = last;
  let next = trainer.prepare(drawBatch(setup, first));
  try {
    while (
      times.length < atMost && (times.length <= fewest || last - begun < 1000 * seconds)
    ) {
      const stepping = takeStep({ trainer, guard: acceptEverything }, steps.state, next);
      next = trainer.prepare(drawBatch(setup, next.host.step + 1));
      ({ state: steps.state } = await stepping);
      const ended = now();
      times.push((ended - last) / 1000);
      last = ended;
      if (times.length === 1) begun = ended;
    }
    return times;
  } finally {
    await trainer.discard(next);
  }
}

/** A guard for steps that are thrown away, which may lead anywhere. */
export const acceptEverything: RunGuard = {
  state: freshGuard,
  judge: () => Promise.resolve({ update: 1 }),
};

/** A state that was measured, its layout and a clock. */
interface MeasuredState {
  readonly state: DistillState;
  readonly layout: Layout<StudentParameters>;
  readonly now: () => number;
}

/** Seconds of writing a checkpoint, after those that make folders and have no old ones to remove. */
async function timeCheckpoint(
  folder: string,
  { state, layout, now }: MeasuredState,
): Promise<number> {
  const times: number[] = [];
  for (const step of [1, 2, 3]) {
    const begun = now();
    await saveCheckpoint(folder, { step, tensors: await stateToHost(state, layout), meta: {} });
    times.push((now() - begun) / 1000);
  }
  return mean(times.slice(2));
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

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
