/** Difference of two models in the mean over several tasks, with its uncertainty. */
import { randomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { middleOf, resampledMeans } from "./bootstrap.ts";
import { lowerIsBetter } from "./evaluation_metric.ts";
import type { MeanVerdict, MeasuredRow } from "./evaluation_row.ts";
import type { PairedDifference } from "./paired_bootstrap.ts";
import { byMetric } from "./scorecard.ts";
import { meanOf } from "../mean_of.ts";

/** Scores of two models on the test images of one task. */
export interface PairedScores {
  /** Name of the task, by which its images are drawn. */
  readonly task: string;
  /** `[images]` */
  readonly first: ArrayLike<number>;
  /** `[images]`, in the same order of images. */
  readonly second: ArrayLike<number>;
  /** What it counts beside the others. Default: 1. */
  readonly weight?: number | undefined;
}

/**
 * Compares two models in the mean over tasks: the test images of each task, each with both of its
 * scores, are drawn again with replacement, and the differences of the tasks averaged draw by draw. Tasks
 * weigh the same unless they say otherwise, however many images they have.
 *
 * @param seed draws the images of a task as for its own interval.
 * @param options resamples, default 1000; level, the share of draws inside the interval, default 0.95.
 * @throws {UserError} where there is no task, or the models were not measured on the same images
 * @source Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapters 8 and 13: a sample of
 * several strata is drawn within each.
 *
 * @example
 * ```ts
 * import { meanDifference } from "@hashigo/hashigo/metrics";
 * const half = Array.from({ length: 100 }, (_, i) => i % 2);
 * const more = half.map((right, i) => i < 20 ? 1 : right);
 * const { difference, low } = meanDifference([
 *   { task: "a", first: more, second: half },
 *   { task: "b", first: half, second: half },
 * ], 0);
 * if (Math.abs(difference - 0.05) > 1e-12 || low <= 0) throw new Error("0.1 on one of two tasks");
 * ```
 */
export function meanDifference(
  tasks: readonly PairedScores[],
  seed: number,
  options: { readonly resamples?: number | undefined; readonly level?: number | undefined } = {},
): PairedDifference {
  const { resamples = 1000, level = 0.95 } = options;
  const means = new Float64Array(resamples);
  const weights = tasks.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let difference = 0;
  for (const { task, first, second, weight = 1 } of tasks) {
    const share = weight / weights;
    const differences = Float64Array.from(first, (score, i) => score - (second[i] ?? NaN));
    if (first.length !== second.length || !differences.every(Number.isFinite)) throw unequal(task);
    difference += share * meanOf(differences);
    const draws = randomStream(seed).at("bootstrap", task);
    resampledMeans(differences, draws, resamples).forEach((mean, i) => {
      means[i]! += share * mean;
    });
  }
  if (!Number.isFinite(difference) || tasks.length === 0) throw unequal("no task");
  return differenceOf(difference, means, level);
}

/**
 * A difference with the interval and the p-value that draws of it give.
 *
 * @param draws `[resamples]`
 * @param level share of the draws inside the interval
 */
export function differenceOf(
  difference: number,
  draws: Float64Array,
  level: number,
): PairedDifference {
  const below = draws.reduce((sum, mean) => sum + Number(mean < 0) + Number(mean === 0) / 2, 0);
  const { length } = draws, other = Math.min(below, length - below);
  return {
    difference,
    ...middleOf(draws, level),
    p: Math.min(1, 2 * (other + 1) / (length + 1)),
  };
}

function unequal(task: string): UserError {
  return new UserError(
    `Cannot compare two models on "${task}": expected one finite score from each for every image. ` +
      "Measure both on the same images.",
  );
}

/**
 * Compares every student with the teacher of the best mean over the tasks, for each metric that both were
 * measured by on at least two tasks.
 *
 * @param seed draws the images, as for verdicts of single tasks.
 *
 * @example
 * ```ts
 * import { meanVerdicts } from "./mean_difference.ts";
 * const row = { metric: "k-NN accuracy", value: 0, low: 0, high: 0, images: 4, seconds: 1 };
 * const scored = (model: string, task: string, ...scores: number[]) => ({
 *   role: model === "s" ? "student" as const : "teacher" as const,
 *   row: { ...row, model, task, value: 100 * scores.reduce((sum, one) => sum + one) / 4 },
 *   scores: Float64Array.from(scores),
 * });
 * const [verdict] = meanVerdicts([
 *   scored("s", "a", 1, 1, 1, 1), scored("s", "b", 1, 1, 1, 1),
 *   scored("t", "a", 0, 0, 0, 0), scored("t", "b", 0, 0, 0, 0),
 * ], 0);
 * if (verdict?.outcome !== "win" || verdict.difference !== 100) throw new Error("Always right");
 * ```
 */
export function meanVerdicts(measured: readonly MeasuredRow[], seed: number): MeanVerdict[] {
  const students = [
    ...new Set(measured.flatMap(({ role, row }) => role === "student" ? [row.model] : [])),
  ];
  return byMetric(measured.map(({ row }) => row)).flatMap(([metric]) =>
    students.flatMap((model) => {
      const rows = measured.filter(({ row }) => row.metric === metric);
      return judgeMean(rows, { model, metric, seed }) ?? [];
    })
  );
}

function judgeMean(
  rows: readonly MeasuredRow[],
  { model, metric, seed }: {
    readonly model: string;
    readonly metric: string;
    readonly seed: number;
  },
): MeanVerdict | undefined {
  const own = rows.filter(({ row }) => row.model === model);
  const lower = lowerIsBetter(metric), sign = lower ? -1 : 1;
  const teachers = Map.groupBy(
    rows.filter(({ role }) => role === "teacher"),
    ({ row }) => row.model,
  );
  let best: { against: string; mean: number; tasks: PairedScores[] } | undefined;
  for (const [against, theirs] of teachers) {
    // Of other images under the same name no difference could be taken.
    const tasks = own.flatMap(({ row: { task }, scores: first, testImages }) =>
      theirs.filter((other) => other.row.task === task && other.testImages === testImages)
        .map(({ row: { value }, scores: second }) => ({ task, first, second, value }))
    );
    const mean = meanOf(tasks.map(({ value }) => value));
    if (tasks.length !== own.length || tasks.length < 2) continue;
    if (best === undefined || sign * mean > sign * best.mean) best = { against, mean, tasks };
  }
  if (best === undefined) return undefined;
  const { difference, low, high, p } = meanDifference(best.tasks, seed);
  const better = lower ? high < 0 : low > 0, worse = lower ? low > 0 : high < 0;
  return {
    ...{ model, metric, tasks: best.tasks.length, against: best.against },
    outcome: better ? "win" : worse ? "loss" : "tie",
    ...{ difference: 100 * difference, low: 100 * low, high: 100 * high, p },
  };
}
