/** Whether two samples of numbers come from one distribution: the test of Kolmogorov and Smirnov. */
import { metricRefusal } from "../refusal.ts";

/** Outcome of {@linkcode kolmogorovSmirnov}. */
export interface KolmogorovSmirnov {
  /** Largest distance between both distribution functions, 0 to 1. */
  readonly statistic: number;
  /** Probability of a distance at least as large where both samples are of one distribution. */
  readonly p: number;
}

/** Up to this product of sizes every path is counted; beyond, the limit is exact to three digits. */
const mostCounted = 4_000_000;

/**
 * Compares two samples by the largest distance between their distribution functions, two-sided. The p-value is
 * exact up to a product of sizes of 4 million, else that of the limiting distribution. Ties make it conservative.
 *
 * @param first `[images]`, at least one.
 * @param second `[images]`, at least one; sizes may differ.
 * @throws {UserError} where a sample is empty or a number is not finite.
 * @source Hodges, "The significance probability of the Smirnov two-sample test" (1958).
 *
 * @example
 * ```ts
 * import { kolmogorovSmirnov } from "./kolmogorov_smirnov.ts";
 * const { statistic, p } = kolmogorovSmirnov([1, 2, 3], [4, 5, 6]);
 * if (statistic !== 1 || Math.abs(p - 0.1) > 1e-12) throw new Error("2 of the 20 orders are as far apart");
 * ```
 */
export function kolmogorovSmirnov(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): KolmogorovSmirnov {
  const [a, b] = [sorted(first), sorted(second)];
  const distance = largestDistance(a, b), product = a.length * b.length;
  const statistic = distance / product;
  return {
    statistic,
    p: product <= mostCounted
      ? exactP(distance, a.length, b.length)
      : limitP(statistic * Math.sqrt(product / (a.length + b.length))),
  };
}

function sorted(values: ArrayLike<number>): Float64Array {
  const copy = Float64Array.from(values);
  if (copy.length > 0 && copy.every(Number.isFinite)) return copy.sort();
  throw metricRefusal(
    "compare two distributions",
    copy.length === 0 ? "found a sample without numbers" : "found numbers that are not finite",
    "Give at least one finite number in each sample",
  );
}

/** The statistic times the product of both sizes, which is whole. */
function largestDistance(a: Float64Array, b: Float64Array): number {
  let [i, j, largest] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!);
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
    largest = Math.max(largest, Math.abs(i * b.length - j * a.length));
  }
  return largest;
}

/** Share of all orders of both samples in which the distance is reached. */
function exactP(distance: number, n: number, m: number): number {
  // Of the orders of the first i and j values, the share that has reached it: the last value is of either sample.
  let row = new Float64Array(m + 1);
  for (let i = 0; i <= n; i++) {
    const next = new Float64Array(m + 1);
    for (let j = 0; j <= m; j++) {
      if (Math.abs(i * m - j * n) >= distance) next[j] = 1;
      else if (i + j > 0) {
        const above = i > 0 ? row[j]! * i : 0, left = j > 0 ? next[j - 1]! * j : 0;
        next[j] = (above + left) / (i + j);
      }
    }
    row = next;
  }
  return row[m]!;
}

/** Probability that a Brownian bridge goes beyond `x`. */
function limitP(x: number): number {
  // Where the alternating sum needs too many terms, the probability is 1 to all digits.
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += 2 * (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}
