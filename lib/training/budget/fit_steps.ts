/**
 * As many steps and views as fit into a time, from what a step takes.
 *
 * @module
 */
import type { Sampler } from "../../images/packs/sampler.ts";
import type { SizeSeconds } from "../../runs/run_plan.ts";

/** What the steps of a run take, in seconds. */
export interface StepSeconds {
  /** How much longer the first step takes, of each size: compiling. */
  readonly startSeconds: number;
  /** A step whose targets are there, or, where none are kept, any step; the mean over those of all sizes. */
  readonly stepSeconds: number;
  /** The same by size, where the student's images rise in size. */
  readonly bySize?: readonly SizeSeconds[] | undefined;
  /** A step of new views, where features are kept. Default: as any other. */
  readonly newViewSeconds?: number | undefined;
  /** Fitting the standardiser to a batch, where it is fitted before the first step. Default: nothing. */
  readonly fitSeconds?: number | undefined;
}

/** What a length in steps depends on. */
export interface RunToFit {
  readonly speed: StepSeconds;
  /** Which images each step sees. */
  readonly order: Sampler;
  /** Number of images. */
  readonly images: number;
  /** Batches that the standardiser is fitted to before the first step; 0 where it runs along. */
  readonly fittedBatches: number;
}

/** Most steps of a run, whatever a clock says. */
const mostSteps = 100_000_000;

/**
 * As many views of each image as the teachers' share of the time is enough for, at least one and no more
 * than are seen.
 *
 * @param seconds of the whole run
 * @param teacherShare largest share of them for features of new views
 *
 * @example
 * ```ts
 * import { viewsWithin } from "./fit_steps.ts";
 * const speed = { startSeconds: 0, stepSeconds: 1, newViewSeconds: 3 };
 * // A pass of ten steps costs 20 seconds of features: 50 of 100 seconds are enough for two.
 * if (viewsWithin(100, 0.5, { speed, stepsPerEpoch: 10 }) !== 2) throw new Error("Expected two");
 * ```
 */
export function viewsWithin(
  seconds: number,
  teacherShare: number,
  { speed, stepsPerEpoch }: { readonly speed: StepSeconds; readonly stepsPerEpoch: number },
): number {
  const { startSeconds, stepSeconds, newViewSeconds = stepSeconds } = speed;
  const left = Math.max(0, seconds - startSeconds);
  const seen = left / (stepsPerEpoch * newViewSeconds);
  const features = Math.max(0, newViewSeconds - stepSeconds) * stepsPerEpoch;
  const affordable = features === 0 ? Infinity : teacherShare * left / features;
  return Math.max(1, Math.floor(Math.min(seen, affordable, mostSteps)));
}

/**
 * Seconds of the first steps of a run, and their number: as many as fit into `seconds`, and no more than
 * `atMost`. It walks through the run's own order, so that every batch with a new view counts as one.
 *
 * @param views different views of each image; undefined: every pass draws new ones, and nothing is kept
 * @param missing share of the features that are not kept yet, 0 to 1
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { sampler } from "@hashigo/hashigo/images";
 * import { stepsWithin } from "./fit_steps.ts";
 * const order = sampler(randomStream(0), { images: 8, batchSize: 4 });
 * const speed = { startSeconds: 10, stepSeconds: 1, newViewSeconds: 3 };
 * const run = { speed, order, images: 8, fittedBatches: 0 };
 * // 10 to begin, 3 for each of two new batches, and 1 for each of the others.
 * const { steps } = stepsWithin(20, run, { views: 1, missing: 1 });
 * if (steps !== 6) throw new Error("Expected six");
 * ```
 */
export function stepsWithin(
  seconds: number,
  run: RunToFit,
  options: StepsWithinOptions,
): { readonly steps: number; readonly seconds: number } {
  const walked = walkSteps(seconds, run, options);
  if (!run.speed.bySize?.some(({ frozenSeconds = 0 }) => frozenSeconds > 0)) return walked;
  // What is computed anew at each size depends on where the sizes change, and so on the number of steps.
  const secondsOf = (atMost: number) =>
    walkSteps(Infinity, run, { ...options, atMost }).seconds + frozenSeconds(atMost, run, options);
  let low = 0, high = walked.steps;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (secondsOf(middle) <= seconds) low = middle;
    else high = middle - 1;
  }
  return { steps: low, seconds: secondsOf(low) };
}

/** Options of {@linkcode stepsWithin}. */
interface StepsWithinOptions {
  readonly views: number | undefined;
  readonly missing: number;
  readonly atMost?: number | undefined;
}

/**
 * Seconds that a student's frozen stages take, in a run of so many steps, for views that they saw at a smaller
 * size before; what they give is kept by size.
 */
function frozenSeconds(
  steps: number,
  { speed: { bySize = [] }, order }: RunToFit,
  { views = 0, missing }: StepsWithinOptions,
): number {
  // In the first steps of a run views are new at every size, which counts as a step of new views.
  const news = views * order.stepsPerEpoch;
  let seconds = 0, begin = 0;
  for (const { share, frozenSeconds = 0 } of bySize) {
    const length = share * steps;
    const newToRun = Math.min(length, Math.max(0, news - begin));
    seconds += missing * frozenSeconds * Math.max(0, Math.min(length, news) - newToRun);
    begin += length;
  }
  return seconds;
}

/** As many steps as fit, where none depends on how many there are. */
function walkSteps(
  seconds: number,
  { speed, order, images, fittedBatches }: RunToFit,
  { views, missing, atMost = mostSteps }: StepsWithinOptions,
): { readonly steps: number; readonly seconds: number } {
  const { startSeconds, stepSeconds, newViewSeconds = stepSeconds, fitSeconds = 0 } = speed;
  const news = keptViews(views === undefined || newViewSeconds === stepSeconds ? 0 : views, images);
  let [steps, total] = [0, startSeconds];
  while (steps < atMost) {
    let cost = stepSeconds;
    const { epoch, images: batch } = order.at(steps);
    const isNew = news.add(epoch % (views ?? Infinity), batch);
    // What the standardiser is fitted to is kept, so the step finds it.
    if (steps < fittedBatches) cost += fitSeconds;
    else if (isNew) cost += missing * (newViewSeconds - stepSeconds);
    if (total + cost > seconds) break;
    total += cost;
    steps += 1;
    if (news.left === 0 && steps >= fittedBatches) {
      const rest = Math.min(atMost - steps, Math.floor((seconds - total) / stepSeconds));
      return { steps: steps + Math.max(0, rest), seconds: total + Math.max(0, rest) * stepSeconds };
    }
  }
  return { steps, seconds: total };
}

/** Which views of which images have been seen. */
function keptViews(views: number, images: number) {
  const seen = new Map<number, Uint8Array>();
  let left = views * images;
  return {
    /** Views that were not seen yet. */
    get left() {
      return left;
    },
    /** Takes a batch in; true where any of it is new. */
    add(view: number, batch: Uint32Array): boolean {
      if (left === 0) return false;
      const before = left;
      const flags = seen.get(view) ?? new Uint8Array(images);
      seen.set(view, flags);
      for (const image of batch) {
        left -= 1 - flags[image]!;
        flags[image] = 1;
      }
      return left < before;
    },
  };
}
