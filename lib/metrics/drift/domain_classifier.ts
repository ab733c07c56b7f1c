/** Whether a linear classifier can tell two samples of features apart, and which images it tells by. */
import { inverse, Matrix } from "ml-matrix";
import type { RandomStream } from "../../tensors/random.ts";
import type { FeatureMatrix } from "../feature_matrix.ts";
import { metricRefusal } from "../refusal.ts";
import { drawRelabelling, exchangeP } from "./relabelling.ts";

/** Outcome of {@linkcode domainClassifier}. */
export interface DomainClassifier {
  /**
   * Area under the curve of the held-out scores: the probability that an image of the second sample has a higher
   * one than an image of the first; 0.5 by chance.
   */
  readonly statistic: number;
  /** Share of exchanges of the pooled sample in which it is at least as large. */
  readonly p: number;
  /** `[images]`, of the pooled sample, each by a classifier that has not seen it: high is of the second sample. */
  readonly scores: Float64Array;
}

/** Options of {@linkcode domainClassifier}. */
export interface DomainClassifierOptions {
  /** Parts, each of which is held out once. Default: 5. */
  readonly folds?: number | undefined;
  /** Number of exchanges. Default: 499. */
  readonly permutations?: number | undefined;
  /** Of the squared weights, for each image that is learnt from. Default: 0.1. */
  readonly penalty?: number | undefined;
}

/**
 * Fits a linear classifier of the two samples by cross-validation, and sets the area under the curve of its
 * held-out scores against that under exchanged labels. It is ridge regression of the labels, that is Fisher's
 * discriminant: its scores are linear in the labels, so that all exchanges are fitted in a moment, where logistic
 * regression would take minutes for the same question. Folds are drawn without a look at the labels, without which
 * the test would not keep its level.
 *
 * @param pooled `[images, width]`, first those of the first sample; best of columns of one scale.
 * @param first number of images of the first sample.
 * @param random draws folds and exchanges.
 * @throws {UserError} where a sample has fewer images than folds.
 * @source Rabanser, Günnemann and Lipton, "Failing loudly" (2019), section 3: the domain classifier.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { domainClassifier } from "./domain_classifier.ts";
 * const pooled = { features: Float32Array.from({ length: 20 }, (_, i) => i % 10 + (i < 10 ? 0 : 90)), width: 1 };
 * const { statistic, p } = domainClassifier(pooled, 10, randomStream(0));
 * if (statistic !== 1 || p > 0.01) throw new Error("Every one of the second is higher");
 * ```
 */
export function domainClassifier(
  pooled: FeatureMatrix,
  first: number,
  random: RandomStream,
  { folds = 5, permutations = 499, penalty = 0.1 }: DomainClassifierOptions = {},
): DomainClassifier {
  const images = pooled.features.length / pooled.width, second = images - first;
  if (!(first >= folds && second >= folds)) {
    throw metricRefusal(
      "tell two samples apart",
      `found ${first} and ${second} images for ${folds} folds`,
      "Give at least one image of each sample for every fold",
    );
  }
  const order = random.at("folds").permutation(images);
  const fits = Array.from(
    { length: folds },
    (_, fold) => prepareFold(pooled, order, { fold, folds, penalty }),
  );
  const scoresOf = (members: ArrayLike<number>) => {
    const isSecond = new Uint8Array(images);
    for (let i = 0; i < members.length; i++) isSecond[members[i]!] = 1;
    const scores = new Float64Array(images);
    for (const fit of fits) fit.score(isSecond, scores);
    return { scores, area: areaUnderCurve(scores, isSecond) };
  };
  const { scores, area } = scoresOf(Array.from({ length: second }, (_, i) => first + i));
  const draws = random.at("exchanges");
  const exchanged = Float64Array.from(
    { length: permutations },
    (_, i) => scoresOf(drawRelabelling(draws, i, { images, first: second })).area,
  );
  return { statistic: area, p: exchangeP(area, exchanged), scores };
}

interface FoldFit {
  /** Writes the scores of the images that are held out, by what the others are. */
  score(isSecond: Uint8Array, scores: Float64Array): void;
}

/** Everything of a fold that does not depend on labels. */
function prepareFold(
  { features, width }: FeatureMatrix,
  order: Uint32Array,
  { fold, folds, penalty }: {
    readonly fold: number;
    readonly folds: number;
    readonly penalty: number;
  },
): FoldFit {
  const learnt = [...order.filter((_, i) => i % folds !== fold)];
  const held = [...order.filter((_, i) => i % folds === fold)];
  const mean = new Float64Array(width);
  for (const row of learnt) {
    for (let k = 0; k < width; k++) mean[k]! += features[row * width + k]! / learnt.length;
  }
  // Less the mean of what is learnt from, weights need no intercept, whose error would differ between folds.
  const rowOf = (row: number) => {
    const part = features.subarray(row * width, (row + 1) * width);
    return Float64Array.from(part, (value, k) => value - mean[k]!);
  };
  const known = learnt.map(rowOf), asked = held.map(rowOf);
  const matrix = new Matrix(known.map((row) => [...row]));
  const scatter = matrix.transpose().mmul(matrix);
  const solution = inverse(scatter.add(Matrix.eye(width, width, penalty * learnt.length)));
  const directions = new Matrix(asked.map((row) => [...row])).mmul(solution).to2DArray();
  return {
    score(isSecond, scores) {
      const sums = new Float64Array(width);
      known.forEach((row, i) => {
        if (isSecond[learnt[i]!] === 0) return;
        for (let k = 0; k < width; k++) sums[k]! += row[k]!;
      });
      held.forEach((image, i) => {
        let score = 0;
        for (let k = 0; k < width; k++) score += directions[i]![k]! * sums[k]!;
        scores[image] = score;
      });
    },
  };
}

/** Probability that a marked one has the higher score; equal scores count half. */
export function areaUnderCurve(scores: Float64Array, marked: Uint8Array): number {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!);
  let ranks = 0, positives = 0;
  for (let from = 0, to = 0; from < order.length; from = to) {
    for (to = from + 1; to < order.length && scores[order[to]!] === scores[order[from]!];) to++;
    for (let i = from; i < to; i++) {
      if (marked[order[i]!] === 0) continue;
      positives++;
      ranks += (from + 1 + to) / 2;
    }
  }
  return (ranks - positives * (positives + 1) / 2) / (positives * (scores.length - positives));
}
