/** A rise of a stream of numbers, found while it runs: the test of Page and Hinkley. */

/** What is known of a stream; plain data, which a program may keep as JSON between its runs. */
export interface PageHinkleyState {
  /** Numbers so far. */
  readonly count: number;
  /** Their mean. */
  readonly mean: number;
  /** Sum of what they were above the mean of their time, each less the tolerance. */
  readonly sum: number;
  /** The least that the sum has been. */
  readonly least: number;
}

/** Options of {@linkcode pageHinkley}, in the unit of the stream. */
export interface PageHinkleyOptions {
  /** Rise that is tolerated, δ: about half of the least that shall be found. */
  readonly tolerance: number;
  /** Height of the sum above its least at which the alarm is raised, λ: higher is later and surer. */
  readonly threshold: number;
  /** Numbers before the first alarm, from which the mean is known. Default: 30. */
  readonly leastCount?: number | undefined;
}

/** Outcome of {@linkcode pageHinkley}. */
export interface PageHinkleyStep {
  /** After the number. */
  readonly state: PageHinkleyState;
  /** Whether the stream has risen. Begin anew with {@linkcode freshPageHinkley} after an alarm. */
  readonly alarm: boolean;
}

/** The state before the first number. */
export const freshPageHinkley: PageHinkleyState = { count: 0, mean: 0, sum: 0, least: 0 };

/**
 * Takes a number of a stream, such as the distance of an image's features from their usual mean, and says whether
 * the stream has risen: the sum `m` of `x - mean - δ` grows where numbers stay above their mean, and the alarm is
 * raised where `m - min m > λ`. For a fall, give the numbers with their signs changed.
 *
 * @source Page, "Continuous inspection schemes" (1954); Hinkley, "Inference about the change-point from cumulative
 * sum tests" (1971).
 *
 * @example
 * ```ts
 * import { freshPageHinkley, pageHinkley } from "@hashigo/hashigo/inference";
 * let state = freshPageHinkley, alarmAt = 0;
 * for (let i = 0; i < 200 && alarmAt === 0; i++) {
 *   const step = pageHinkley(state, i < 100 ? i % 2 : 3, { tolerance: 0.5, threshold: 5 });
 *   state = step.state;
 *   if (step.alarm) alarmAt = i;
 * }
 * if (alarmAt !== 102) throw new Error("Two more than 0 and 1 in turn, from the 100th on");
 * ```
 */
export function pageHinkley(
  { count, mean, sum, least }: PageHinkleyState,
  value: number,
  { tolerance, threshold, leastCount = 30 }: PageHinkleyOptions,
): PageHinkleyStep {
  if (!Number.isFinite(value)) throw new RangeError(`Found ${value} in a stream of numbers`);
  const seen = count + 1, newMean = mean + (value - mean) / seen;
  const newSum = sum + value - newMean - tolerance;
  const state = { count: seen, mean: newMean, sum: newSum, least: Math.min(least, newSum) };
  return { state, alarm: seen >= leastCount && newSum - state.least > threshold };
}
