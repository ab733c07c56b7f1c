/** Whether new images differ from a reference: three tests on their features, and one verdict. */
import type { RandomStream } from "../../tensors/random.ts";
import type { FeatureMatrix } from "../feature_matrix.ts";
import { metricRefusal } from "../refusal.ts";
import { alongAxes, principalAxes } from "../representation/principal_axes.ts";
import { type DomainClassifier, domainClassifier } from "./domain_classifier.ts";
import { holm } from "./holm.ts";
import { kolmogorovSmirnov } from "./kolmogorov_smirnov.ts";
import { type MaximumMeanDiscrepancy, maximumMeanDiscrepancy } from "./maximum_mean_discrepancy.ts";

/** Images of either sample below which no test is made: five folds of six. */
export const leastDriftImages = 30;

/** Options of {@linkcode detectDrift}. */
export interface DetectDriftOptions {
  /** Probability of an alarm where there is no drift, at most. Default: 0.05. */
  readonly level?: number | undefined;
  /** Principal axes that are looked at, at most. Default: 32. */
  readonly axes?: number | undefined;
  /** Exchanges of labels. Default: 499. */
  readonly permutations?: number | undefined;
}

/** The images along one principal axis. */
export interface DriftAxis {
  /** Share of the variance of all images along it, 0 to 1. */
  readonly share: number;
  /** Distance of both distribution functions, 0 to 1. */
  readonly statistic: number;
  /** Of this axis alone. */
  readonly p: number;
  /** Corrected for the number of axes. */
  readonly adjusted: number;
}

/** Outcome of {@linkcode detectDrift}. */
export interface Drift {
  /** Whether the smallest p-value of the three tests, times three, is at most the level. */
  readonly drift: boolean;
  /** As asked for. */
  readonly level: number;
  /** The smallest p-value of the three tests, times three, at most 1. */
  readonly p: number;
  /** Kolmogorov and Smirnov's test along each axis, corrected for their number. */
  readonly axes: { readonly p: number; readonly each: readonly DriftAxis[] };
  /** The maximum mean discrepancy along the axes. */
  readonly discrepancy: MaximumMeanDiscrepancy;
  /** Whether both can be told apart. */
  readonly classifier: DomainClassifier;
  /** `[images of both, axes]`, in units of deviations, first the reference: what the tests have looked at. */
  readonly along: FeatureMatrix;
}

/**
 * Tests whether images differ from a reference: distributions along principal axes (Kolmogorov and Smirnov's test,
 * corrected by Holm), the maximum mean discrepancy, and a classifier of both. The axes are those of both samples
 * together: they do not depend on which image is of which sample, so that every test keeps its level. Axes are
 * scaled to deviation 1 for the classifier; the discrepancy is of features along the axes as they are.
 *
 * @param reference `[images, width]`, at least 30.
 * @param current `[images, width]`, the same network's of the images in question, at least 30.
 * @param random draws folds and exchanges.
 * @throws {UserError} where there are too few images, widths differ, the level is below what so many exchanges can
 * show, or all images are alike.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { detectDrift } from "@hashigo/hashigo/inference";
 * await startEngine();
 * const draw = (name: string) => randomStream(0).at(name).normal(80);
 * const reference = { features: draw("reference"), width: 2 };
 * const moved = { features: draw("current").map((value) => value + 2), width: 2 };
 * const { drift } = await detectDrift(reference, moved, randomStream(1));
 * if (!drift) throw new Error("Two deviations are a drift");
 * ```
 */
export async function detectDrift(
  reference: FeatureMatrix,
  current: FeatureMatrix,
  random: RandomStream,
  { level = 0.05, axes: mostAxes = 32, permutations = 499 }: DetectDriftOptions = {},
): Promise<Drift> {
  const first = reference.features.length / reference.width;
  const second = current.features.length / current.width;
  check({ first, second, level, permutations, widths: [reference.width, current.width] });
  const pooled = pool(reference, current);
  const found = await principalAxes(pooled);
  // Few images vary along as many axes as they are, the last of which are noise.
  const count = Math.min(mostAxes, found.count, Math.floor((first + second) / 4));
  const kept = { ...found, axes: found.axes.subarray(0, count * pooled.width), count };
  const turned = await alongAxes(pooled, kept);
  const deviations = found.variances.subarray(0, count).map(Math.sqrt);
  const along = {
    features: turned.features.map((value, i) => value / deviations[i % count]!),
    width: count,
  };
  const axes = compareAxes(along, first, found.variances);
  const discrepancy = maximumMeanDiscrepancy(turned, first, random.at("discrepancy"), {
    permutations,
  });
  const classifier = domainClassifier(along, first, random.at("classifier"), { permutations });
  const p = Math.min(1, 3 * Math.min(axes.p, discrepancy.p, classifier.p));
  return { drift: p <= level, level, p, axes, discrepancy, classifier, along };
}

/** Rows of the first, then of the second. */
function pool(first: FeatureMatrix, second: FeatureMatrix): FeatureMatrix {
  const features = new Float32Array(first.features.length + second.features.length);
  features.set(first.features);
  features.set(second.features, first.features.length);
  return { features, width: first.width };
}

function compareAxes(
  { features, width }: FeatureMatrix,
  first: number,
  variances: Float64Array,
): Drift["axes"] {
  const total = variances.reduce((sum, value) => sum + value, 0);
  const column = (axis: number, from: number, to: number) =>
    Float64Array.from({ length: to - from }, (_, i) => features[(from + i) * width + axis]!);
  const images = features.length / width;
  const tests = Array.from(
    { length: width },
    (_, axis) => kolmogorovSmirnov(column(axis, 0, first), column(axis, first, images)),
  );
  const adjusted = holm(tests.map(({ p }) => p));
  return {
    p: Math.min(...adjusted),
    each: tests.map((test, axis) => ({
      share: variances[axis]! / total,
      ...test,
      adjusted: adjusted[axis]!,
    })),
  };
}

function check(
  { first, second, level, permutations, widths: [width, other] }: {
    readonly first: number;
    readonly second: number;
    readonly level: number;
    readonly permutations: number;
    readonly widths: readonly [number, number];
  },
): void {
  const refuse = (found: string, remedy: string) => metricRefusal("test for drift", found, remedy);
  if (!(first >= leastDriftImages && second >= leastDriftImages)) {
    throw refuse(
      `found ${first} images of reference and ${second} new ones, expected at least ${leastDriftImages} of each`,
      "Give more images; a few hundred of each find small drifts",
    );
  }
  if (width !== other) {
    throw refuse(
      `found features of width ${width} and ${other}, expected the same`,
      "Extract both with the same network",
    );
  }
  if (!(level > 0 && level < 1 && 3 / (permutations + 1) <= level)) {
    throw refuse(
      `found a level of ${level} with ${permutations} exchanges, expected one below 1 and of at least ` +
        `${(3 / (permutations + 1)).toPrecision(2)}, the least that so many can show`,
      "Give a higher level or more exchanges",
    );
  }
}
