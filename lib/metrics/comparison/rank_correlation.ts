/** Whether one list of numbers has the order of another: Spearman's ρ, with its uncertainty. */
import type { RandomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { type BootstrapOptions, middleOf } from "./bootstrap.ts";

/** A correlation and its interval. */
export interface RankCorrelation {
  /** Spearman's ρ, from -1 to 1. */
  readonly rho: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/**
 * Spearman's ρ: the correlation of ranks, of which equal values share the mean. 0 where all values of one list
 * are equal, since it then tells no order.
 *
 * @throws {UserError} where the lists differ in length, have fewer than two values, or one is not finite.
 * @source Spearman, "The proof and measurement of association between two things" (1904).
 *
 * @example
 * ```ts
 * import { rankCorrelation } from "./rank_correlation.ts";
 * if (rankCorrelation([1, 2, 30], [5, 6, 7]) !== 1) throw new Error("The same order");
 * ```
 */
export function rankCorrelation(first: readonly number[], second: readonly number[]): number {
  check(first, second);
  return correlation(ranks(first), ranks(second));
}

/**
 * Spearman's ρ of a prediction with what came out, its bootstrap interval, and the interval of its lead over
 * another prediction: pairs are drawn again with replacement, the same ones for both.
 *
 * @param outcome one number for each thing that was predicted.
 * @param random the draws; the same stream gives the same interval.
 * @param beside another prediction of the same things. Default: none, and no lead.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { rankCorrelationInterval } from "./rank_correlation.ts";
 * const outcome = Array.from({ length: 20 }, (_, i) => i);
 * const backwards = outcome.toReversed();
 * const { rho, lead } = rankCorrelationInterval(outcome, outcome, randomStream(0), { beside: backwards });
 * if (rho !== 1 || lead?.rho !== 2 || lead.low <= 0) throw new Error("From -1 to 1");
 * ```
 */
export function rankCorrelationInterval(
  prediction: readonly number[],
  outcome: readonly number[],
  random: RandomStream,
  { resamples = 1000, level, beside }: BootstrapOptions & {
    readonly beside?: readonly number[] | undefined;
  } = {},
): RankCorrelation & { readonly lead?: RankCorrelation | undefined } {
  const rho = rankCorrelation(prediction, outcome);
  const drawn = resampled(prediction, outcome, random, resamples);
  const interval = { rho, ...middleOf(drawn, level) };
  if (beside === undefined) return interval;
  const other = resampled(beside, outcome, random, resamples);
  const leads = drawn.map((value, i) => value - other[i]!);
  const lead = { rho: rho - rankCorrelation(beside, outcome), ...middleOf(leads, level) };
  return { ...interval, lead };
}

function resampled(
  first: readonly number[],
  second: readonly number[],
  random: RandomStream,
  resamples: number,
): Float64Array {
  const count = second.length;
  return Float64Array.from({ length: resamples }, (_, i) => {
    const places = Array.from(random.at(i).uniform(count), (draw) => Math.floor(draw * count));
    const [a, b] = [first, second].map((values) => ranks(places.map((place) => values[place]!)));
    return correlation(a!, b!);
  });
}

/** Ranks from 1; of equal values the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  return values.map((value) => {
    let [lower, equal] = [0, 0];
    for (const other of values) {
      lower += Number(other < value);
      equal += Number(other === value);
    }
    return lower + (equal + 1) / 2;
  });
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const middle = (a.length + 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((rank, i) => {
    const [x, y] = [rank - middle, b[i]! - middle];
    [ab, aa, bb] = [ab + x * y, aa + x * x, bb + y * y];
  });
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

function check(first: readonly number[], second: readonly number[]): void {
  const finite = [...first, ...second].every(Number.isFinite);
  if (first.length === second.length && first.length >= 2 && finite) return;
  throw new UserError(
    `Cannot compare two orders: found lists of ${first.length} and ${second.length} numbers` +
      `${
        finite ? "" : ", some not finite"
      }, expected equally many finite ones, at least two. Give one ` +
      "number of each for every thing.",
  );
}
