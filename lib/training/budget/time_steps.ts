/** Times steps of a run, which are thrown away: alone, or together with the processes that share every batch. */
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";
import type { DistillState } from "../../method/state.ts";
import { resolutionShares } from "../../recipe/resolutions.ts";
import { drawBatch } from "../batch.ts";
import type { RunGuard } from "../guard/guard.ts";
import { freshGuard } from "../guard/policy.ts";
import type { Sharding } from "../processes/sharding.ts";
import { withSize } from "../resolution.ts";
import type { TrainingSetup } from "../setup.ts";
import { takeStep } from "../take_step.ts";
import type { Trainer } from "../trainer.ts";
import { meanOf } from "../../metrics/mean_of.ts";

/** Steps of each kind that are measured, at least and at most. */
const fewestSteps = 3;
export const mostSteps = 100;

/** What takes the steps that are measured. */
export interface MeasuredSteps {
  readonly trainer: Trainer;
  /** Replaced by each step. */
  state: DistillState;
  /** Step of the first batch. */
  readonly first: number;
  /** A clock in milliseconds. */
  readonly now: () => number;
  /** Of processes that keep slices of the state. Default: this one has all of it. */
  readonly sharding?: Pick<Sharding, "goOn"> | undefined;
  /** Whether all processes take one more step, where this one would. Default: there are no others. */
  readonly goOn?: ((own: boolean) => Promise<boolean>) | undefined;
}

/** Seconds of steps at each size that the student's images have. */
export interface SizeTimes {
  /** A step of new views at the first size. */
  readonly newView: number;
  /** A step of each size whose features are there, or are not kept. */
  readonly again: readonly number[];
  /** By size, how much longer a step takes whose views the frozen stages see for the first time; not of the first. */
  readonly frozen: readonly (number | undefined)[];
  /** How much longer the first step takes, of each size: compiling. */
  readonly startSeconds: number;
}

/**
 * Takes steps of new views and, where features are kept, of the same views again; where the student's images rise in
 * size, some of each size.
 *
 * @param options seconds: after which no more steps are begun than are needed; compiling is not counted
 */
export async function timeSizes(
  setup: TrainingSetup,
  steps: MeasuredSteps,
  { seconds, hasPrefix }: {
    readonly seconds: number;
    /** Whether what frozen stages give is kept. */
    readonly hasPrefix: boolean;
  },
): Promise<SizeTimes> {
  const isKept = setup.recipe.featureCache !== false;
  const sizes = resolutionShares(setup.recipe), ofEach = seconds / sizes.length;
  const atSize = (i: number) => withSize(setup, sizes[i]!.size);
  const news = await timeSteps(atSize(0), steps, {
    seconds: isKept ? ofEach / 2 : ofEach,
    atMost: 1 + mostSteps,
  });
  const newView = meanOf(news.slice(1));
  // As many as were just computed: the batch after them is a new one.
  const seen = { seconds: ofEach, atMost: isKept ? news.length : 1 + mostSteps };
  const again = [isKept ? meanOf((await timeSteps(atSize(0), steps, seen)).slice(1)) : newView];
  const frozen: number[] = [];
  let startSeconds = Math.max(0, news[0]! - newView);
  // Teachers see the same views at every size, so their features are there; what frozen stages give is not.
  for (let i = 1; i < sizes.length; i++) {
    const [first = 0, ...others] = await timeSteps(atSize(i), steps, seen), once = meanOf(others);
    startSeconds += Math.max(0, first - once);
    if (isKept && hasPrefix) {
      again.push(meanOf((await timeSteps(atSize(i), steps, seen)).slice(1)));
      frozen[i] = Math.max(0, once - again[i]!);
    } else again.push(once);
  }
  return { newView, again, frozen, startSeconds };
}

/** Seconds of each of some steps in a row, the next batch being prepared beside each. */
async function timeSteps(
  setup: TrainingSetup,
  steps: MeasuredSteps,
  { seconds, atMost }: { readonly seconds: number; readonly atMost: number },
): Promise<number[]> {
  const { trainer, first, now, sharding, goOn = (own) => Promise.resolve(own) } = steps;
  const times: number[] = [];
  let last = now();
  let begun = last;
  let next = trainer.prepare(drawBatch(setup, first));
  try {
    while (
      times.length < atMost &&
      await goOn(times.length <= fewestSteps || last - begun < 1000 * seconds)
    ) {
      const stepping = takeStep({ trainer, guard: acceptEverything, sharding }, steps.state, next);
      // Should the drawing fail, the step's own error must not end the process.
      stepping.catch(() => {});
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

/** What the leader of a group answers at all its processes. */
export function leadersWord(
  group: Pick<ProcessGroup, "say">,
): (own: boolean) => Promise<boolean> {
  return async (own) => await group.say(own) === true;
}
