/** Differences of two rows of an experiment over seeds. */
import { meanOf } from "../mean_of.ts";

/** A mean with its spread. */
export interface Spread {
  /** Over seeds. */
  readonly mean: number;
  /** Unbiased standard deviation over seeds; NaN for one seed. */
  readonly deviation: number;
  /** Number of seeds. */
  readonly seeds: number;
}

/**
 * Mean and unbiased standard deviation.
 *
 * @example
 * ```ts
 * import { spreadOf } from "@hashigo/hashigo/metrics";
 * const { mean, deviation } = spreadOf([1, 2, 3]);
 * if (mean !== 2 || deviation !== 1) throw new Error("2 ± 1");
 * ```
 */
export function spreadOf(values: readonly number[]): Spread {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)), seeds: values.length };
}

/** Where one more value is expected. */
export interface NextValue extends Spread {
  /** Lower end of the 90 % interval of one more value; NaN of a single value. */
  readonly low: number;
  /** Upper end of the interval; NaN of a single value. */
  readonly high: number;
}

/**
 * Where one more value of the same kind is expected: the 90 % prediction interval of a normal distribution
 * (Student's t), which is wider than that of the mean.
 *
 * @param values at least one
 *
 * @example
 * ```ts
 * import { nextValue } from "./increment.ts";
 * const { low, high } = nextValue([1, 2, 3]);
 * if (!(low < -1 && high > 5)) throw new Error("2 ± 2.92 * sqrt(1 + 1/3)");
 * ```
 */
export function nextValue(values: readonly number[]): NextValue {
  const spread = spreadOf(values), { mean, deviation, seeds } = spread;
  const half = quantile(seeds) * deviation * Math.sqrt(1 + 1 / seeds);
  return { ...spread, low: mean - half, high: mean + half };
}

/** Outcome of a claim. */
export type ClaimVerdict =
  | "agrees"
  | "disagrees"
  | "no difference"
  | "too noisy to tell"
  | "not run";

/** Two-sided 90 % points of Student's t for 1, 2, … degrees of freedom. */
const t90 = [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833];

/** That of 10 degrees, the largest of all beyond, so that none of them is too sure. */
const beyond = 1.812;

/** The point for a spread of so many values. */
function quantile(seeds: number): number {
  return t90[seeds - 2] ?? beyond;
}

/**
 * Judges whether increments over seeds agree with a claim. Each is the difference of two rows with the same
 * seed, which share images and their order, so the 90 % interval of their mean (Student's t) tells noise from effect.
 *
 * @param increments one for each seed; a single seed is too noisy to tell
 * @param expected "up" and "down": the interval lies on that side of 0; "same": it lies within `tolerance`
 * @param tolerance largest difference that counts as "same"
 * @param negligible largest difference that does not matter: an interval that holds 0 and lies within it is "no
 * difference" (an equivalence test). Default: none is
 *
 * @example
 * ```ts
 * import { judgeIncrements } from "@hashigo/hashigo/metrics";
 * if (judgeIncrements([2, 2.2, 1.9], "up") !== "agrees") throw new Error("Clearly above 0");
 * if (judgeIncrements([2, -2.2, 1.9], "up") !== "too noisy to tell") throw new Error("Either");
 * ```
 */
export function judgeIncrements(
  increments: readonly number[],
  expected: "up" | "down" | "same",
  tolerance = 1,
  negligible = 0,
): ClaimVerdict {
  if (increments.length === 0) return "not run";
  if (increments.length === 1) return "too noisy to tell";
  const { mean, deviation, seeds } = spreadOf(increments);
  const half = quantile(seeds) * deviation / Math.sqrt(seeds);
  if (expected === "same") {
    if (Math.abs(mean) + half <= tolerance) return "agrees";
    return Math.abs(mean) - half > tolerance ? "disagrees" : "too noisy to tell";
  }
  const signed = expected === "up" ? mean : -mean;
  if (signed > half) return "agrees";
  if (-signed > half) return "disagrees";
  return Math.abs(mean) + half < negligible ? "no difference" : "too noisy to tell";
}
