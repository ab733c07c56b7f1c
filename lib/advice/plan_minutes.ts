/** How many minutes a student needs, and whether features are better kept or computed at each step. */
import { sampler } from "../images/packs/sampler.ts";
import { randomStream } from "../tensors/random.ts";
import { type RunToFit, stepsWithin, viewsWithin } from "../training/budget/fit_steps.ts";
import type { CacheFacts, StepFacts } from "./facts.ts";

/** Passes over the images that are enough by what is on record: the main job sees each image five times. */
export const enoughPasses = 5;

/** Most minutes that are advised: the longest run on record that starts from a network takes as many. */
export const mostMinutes = 30;

/** Share of the minutes that the run itself needs for measuring its first steps. */
const measuringShare = 0.05;

/** Largest share of the time for features of new views, as a recipe has it. */
const teacherShare = 0.5;

/** Share of the memory that kept features may fill and still be read from there. */
const memoryShare = 0.5;

/** What is planned for a number of minutes. */
export interface MinutesPlan {
  readonly minutes: number;
  readonly steps: number;
  /** How often each image is seen. */
  readonly passes: number;
  /** Kept views of each image; undefined where none are kept. */
  readonly views?: number | undefined;
}

/** Whether features are kept, and why. */
export interface FeaturePlan {
  readonly kind: "cached" | "live";
  /** Why they are not kept: the disk has no room, reading is no faster, or they are. */
  readonly why: "faster" | "slower" | "no room";
  /** Minutes of {@linkcode enoughPasses} passes where features are kept. */
  readonly cachedMinutes: number;
  /** The same where they are computed at each step. */
  readonly liveMinutes: number;
  /** Bytes of all views that are kept in as many passes. */
  readonly bytes: number;
  /** Milliseconds of reading one view: from memory, or from the disk where they do not fit in memory. */
  readonly readMilliseconds: number;
  readonly readFrom: "memory" | "disk";
}

/** Decides by the time that as many passes as are enough would take either way. */
export function planFeatures(step: StepFacts, cache: CacheFacts): FeaturePlan {
  const { viewBytes, diskBytesPerSecond, freeBytes = Infinity, memoryBytes = Infinity } = cache;
  const liveMinutes = minutesOf(enoughPasses, liveRun(step), { views: undefined });
  const bytesOf = (views: number) => views * step.images * viewBytes;
  let kept = keptPasses(runOf(step), liveMinutes);
  let { readMilliseconds } = cache;
  const isInMemory = bytesOf(kept.views) <= memoryShare * memoryBytes;
  if (!isInMemory) {
    readMilliseconds = Math.max(readMilliseconds, 1000 * viewBytes / diskBytesPerSecond);
    const waiting = (readMilliseconds - cache.readMilliseconds) * step.batchSize / 1000;
    kept = keptPasses(slower(runOf(step), waiting), liveMinutes);
  }
  const bytes = bytesOf(kept.views);
  const why = bytes > freeBytes ? "no room" : kept.minutes < liveMinutes ? "faster" : "slower";
  return {
    ...{ kind: why === "faster" ? "cached" : "live", why, bytes, readMilliseconds },
    ...{ cachedMinutes: kept.minutes, liveMinutes, readFrom: isInMemory ? "memory" : "disk" },
  };
}

/** Enough passes with as many kept views as such a run would plan for itself. */
function keptPasses(run: RunToFit, liveMinutes: number) {
  let views = viewsFor(liveMinutes, run), fewer = views, minutes = liveMinutes;
  do {
    views = fewer;
    minutes = minutesOf(enoughPasses, run, { views });
    fewer = viewsFor(minutes, run);
  } while (fewer < views);
  return { views, minutes };
}

/**
 * The plan of so many minutes, or of as many as are advised: enough for {@linkcode enoughPasses} passes, whole ones, at
 * most {@linkcode mostMinutes} but never fewer than one pass takes.
 */
export function planMinutes(
  step: StepFacts,
  kind: FeaturePlan["kind"],
  minutes: number = advisedMinutes(step, kind),
): MinutesPlan {
  const run = kind === "cached" ? runOf(step) : liveRun(step);
  const views = kind === "cached" ? viewsFor(minutes, run) : undefined;
  const { steps } = stepsWithin(secondsOf(minutes), run, { views, missing: 1 });
  return { minutes, steps, passes: steps / run.order.stepsPerEpoch, views };
}

/** Minutes of one pass over the images, with all that comes before it. */
export function minutesOfPass(step: StepFacts, kind: FeaturePlan["kind"]): number {
  return kind === "cached"
    ? minutesOf(1, runOf(step), { views: 1 })
    : minutesOf(1, liveRun(step), { views: undefined });
}

function advisedMinutes(step: StepFacts, kind: FeaturePlan["kind"]): number {
  let minutes = 1;
  const most = Math.max(mostMinutes, Math.ceil(minutesOfPass(step, kind)));
  while (minutes < most && planMinutes(step, kind, minutes).passes < enoughPasses) minutes++;
  return minutes;
}

function runOf({ speed, images, batchSize, fittedBatches }: StepFacts): RunToFit {
  return { speed, images, fittedBatches, order: sampler(randomStream(0), { images, batchSize }) };
}

/** Where nothing is kept every step is one of new views. */
function liveRun(step: StepFacts): RunToFit {
  const { startSeconds, stepSeconds, newViewSeconds = stepSeconds, fitSeconds } = step.speed;
  return { ...runOf(step), speed: { startSeconds, stepSeconds: newViewSeconds, fitSeconds } };
}

/** Steps that also wait for the disk. */
function slower(run: RunToFit, seconds: number): RunToFit {
  const { stepSeconds, newViewSeconds = stepSeconds, ...speed } = run.speed;
  return {
    ...run,
    speed: {
      ...speed,
      stepSeconds: stepSeconds + seconds,
      newViewSeconds: newViewSeconds + seconds,
    },
  };
}

function viewsFor(minutes: number, run: RunToFit): number {
  const { stepsPerEpoch } = run.order;
  return viewsWithin(secondsOf(minutes), teacherShare, { speed: run.speed, stepsPerEpoch });
}

function minutesOf(
  passes: number,
  run: RunToFit,
  { views }: { readonly views: number | undefined },
): number {
  const atMost = passes * run.order.stepsPerEpoch;
  const { seconds } = stepsWithin(Infinity, run, { views, missing: 1, atMost });
  return seconds / (1 - measuringShare) / 60;
}

function secondsOf(minutes: number): number {
  return 60 * minutes * (1 - measuringShare);
}
