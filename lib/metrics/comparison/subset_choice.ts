/** Which of several things to take together: greedy by what each adds, with the interval of what it adds. */
import { UserError } from "../../errors/user_error.ts";
import { chooseGreedily } from "./greedy_choice.ts";
import { meanDifference } from "./mean_difference.ts";
import { meanOf } from "../mean_of.ts";

/** What a set is worth on one task. */
export interface TaskScores {
  /** Name of the task, by which its images are drawn. */
  readonly task: string;
  /** What it counts beside other tasks. */
  readonly weight: number;
  /** `[images]`, from 0 to 1; NaN of images that are not measured, the same for all sets. */
  readonly scores: Float64Array;
}

/** A difference of two sets in points of 100, less what the dearer one costs more. */
export interface PointDifference {
  /** Points. */
  readonly difference: number;
  /** Lower end of the 95 % interval over images. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** A set of things, and what it is worth. */
export interface SubsetValue {
  /** Places of the things. */
  readonly members: readonly number[];
  /** Weighted mean of the scores over the tasks, in percent. */
  readonly accuracy: number;
  /** Sum of the members' costs. */
  readonly cost: number;
  /** `accuracy` less the weight of cost times `cost`. */
  readonly value: number;
}

/** One step of the order. */
export interface SubsetStep extends SubsetValue {
  /** Place of what is added. */
  readonly added: number;
  /** What it adds to the members before it; null of the first. */
  readonly gain: PointDifference | null;
}

/** Outcome of {@linkcode chooseSubset}. */
export interface SubsetChoice {
  /** Things in the order in which each adds most, also beyond where it stops; without what the budget forbids. */
  readonly steps: readonly SubsetStep[];
  /** The first steps: as many as clearly add something. */
  readonly chosen: SubsetValue;
  /** Why no more are taken. */
  readonly stop: "gain" | "budget" | "all";
  /** For each chosen one what is lost without it; empty where only one is chosen. */
  readonly losses: readonly (PointDifference & { readonly without: number })[];
}

/** Options of {@linkcode chooseSubset}. */
export interface SubsetChoiceOptions {
  /** Points that a unit of cost is worth: λ. Default: 0. */
  readonly costWeight?: number | undefined;
  /** Most cost of a set. Default: any. */
  readonly budget?: number | undefined;
  /** Draws the images of the intervals. Default: 0. */
  readonly seed?: number | undefined;
}

/**
 * Chooses a set by `F(S) = Σ weight × score − λ × cost`: first the best single one, then whatever adds most to
 * the set so far. It stops where the interval of the gain, by the paired bootstrap over images, covers 0, or
 * nothing more is within the budget.
 *
 * The intervals know nothing of the choice: the best of several noisy gains is a little too high.
 *
 * @param costs of each thing.
 * @param score what a set is worth on each task; asked once for each set, members in rising order.
 * @throws {UserError} where there is nothing to choose, or the budget is too small for each.
 *
 * @example
 * ```ts
 * import { chooseSubset } from "./subset_choice.ts";
 * const knows = [[0, 1], [1], [2]];
 * const { chosen, stop } = await chooseSubset([1, 1, 1], (members) => {
 *   const known = members.flatMap((member) => knows[member]!);
 *   const scores = Float64Array.from({ length: 90 }, (_, i) => Number(known.includes(i % 3)));
 *   return Promise.resolve([{ task: "a", weight: 1, scores }]);
 * });
 * if (chosen.members.join() !== "0,2" || stop !== "gain") throw new Error("The second adds nothing");
 * ```
 */
export async function chooseSubset(
  costs: readonly number[],
  score: (members: readonly number[]) => Promise<readonly TaskScores[]>,
  { costWeight = 0, budget = Infinity, seed = 0 }: SubsetChoiceOptions = {},
): Promise<SubsetChoice> {
  const sets = new Map<string, SubsetValue & { readonly tasks: readonly TaskScores[] }>();
  const measure = async (members: readonly number[]) => {
    const sorted = members.toSorted((a, b) => a - b), key = sorted.join();
    const known = sets.get(key);
    if (known !== undefined) return known;
    const tasks = await score(sorted), accuracy = percentOfTasks(tasks);
    const cost = costOf(members, costs);
    const set = { members: sorted, tasks, accuracy, cost, value: accuracy - costWeight * cost };
    sets.set(key, set);
    return set;
  };
  const difference = async (more: readonly number[], less: readonly number[]) => {
    const [first, second] = [await measure(more), await measure(less)];
    return pointDifference(first, second, { costWeight, seed });
  };
  const fits = (members: readonly number[]) => costOf(members, costs) <= budget;
  const places = costs.map((_, place) => place);
  const singles = places.map((place) => [place]).filter(fits);
  if (singles.length === 0) throw nothingFits(costs, budget);
  const { chosen: order } = await chooseGreedily(singles, {
    extend: (members) =>
      places.filter((place) => !members.includes(place)).map((place) => [...members, place])
        .filter(fits),
    score: async (members) => (await measure(members)).value,
    // Also what takes away is in the order; where to stop is judged afterwards.
    leastGain: -Infinity,
  });
  const steps: SubsetStep[] = [];
  for (const [i, added] of order.candidate.entries()) {
    const members = order.candidate.slice(0, i + 1);
    const { accuracy, cost, value } = await measure(members);
    const gain = i === 0 ? null : await difference(members, members.slice(0, i));
    steps.push({ members, added, gain, accuracy, cost, value });
  }
  const count = countGains(steps);
  const { members, accuracy, cost, value } = steps[count - 1]!;
  const losses: SubsetChoice["losses"][number][] = [];
  for (const without of members.length > 1 ? members : []) {
    const rest = members.filter((member) => member !== without);
    losses.push({ without, ...await difference(members, rest) });
  }
  const stop = count < steps.length ? "gain" : steps.length < costs.length ? "budget" : "all";
  return { steps, chosen: { members, accuracy, cost, value }, stop, losses };
}

/** The number of first steps each of which clearly adds something. */
function countGains(steps: readonly SubsetStep[]): number {
  const end = steps.findIndex(({ gain }) => gain !== null && !(gain.low > 0));
  return end < 0 ? steps.length : end;
}

/** Sum of the costs of a set. */
function costOf(members: readonly number[], costs: readonly number[]): number {
  return members.reduce((sum, member) => sum + costs[member]!, 0);
}

/** Weighted mean over the tasks, each the mean over its measured images, in percent. */
export function percentOfTasks(tasks: readonly TaskScores[]): number {
  let [sum, weights] = [0, 0];
  for (const { weight, scores } of tasks) {
    const measured = scores.filter((value) => !Number.isNaN(value));
    sum += weight * meanOf(measured);
    weights += weight;
  }
  return 100 * sum / weights;
}

type MeasuredSet = SubsetValue & { readonly tasks: readonly TaskScores[] };

function pointDifference(
  first: MeasuredSet,
  second: MeasuredSet,
  { costWeight, seed }: { readonly costWeight: number; readonly seed: number },
): PointDifference {
  const isMeasured = (value: number) => !Number.isNaN(value);
  const tasks = first.tasks.map(({ task, weight, scores }, i) => ({
    ...{ task, weight },
    first: scores.filter(isMeasured),
    second: second.tasks[i]!.scores.filter(isMeasured),
  }));
  const { difference, low, high } = meanDifference(tasks, seed);
  const price = costWeight * (first.cost - second.cost);
  return {
    difference: 100 * difference - price,
    low: 100 * low - price,
    high: 100 * high - price,
  };
}

function nothingFits(costs: readonly number[], budget: number): UserError {
  return new UserError(
    costs.length === 0
      ? "Cannot choose: found nothing to choose from, expected at least one thing."
      : `Cannot choose within the budget of ${budget}: found costs from ${
        Math.min(...costs)
      } on, expected ` +
        "at least one that fits. Give a larger budget.",
  );
}
