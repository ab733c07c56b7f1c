/** Narrow targets: the first principal axes of a teacher's standardised features. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { RandomStream } from "../../tensors/random.ts";
import { evenMixing } from "./phi_s.ts";
import { withLeastDeviation } from "./least_deviation.ts";
import type { StandardizerKind } from "./standardizer.ts";

/** What {@linkcode principalTargets} found. */
export interface PrincipalTargets {
  /** `[width]`, what centred features are divided by before they are turned. */
  readonly std: Float64Array;
  /** `[width, axes]`, row-major, orthonormal columns: the axis of the largest variance first. */
  readonly axes: Float32Array;
  /** Share of the variance of the standardised features that lies along the axes, 0 to 1. */
  readonly kept: number;
}

/**
 * The first principal axes of features of a covariance, after they were standardised: each feature by
 * its own deviation (`"fixed"`), all by one (`"global"`, `"phi_s"`). Nothing is whitened: axes keep
 * their proportions, and one number brings their mean variance to 1, so that narrow targets are on
 * the scale of whole ones. `"phi_s"` mixes the axes evenly at last, which gives each the variance 1.
 *
 * @param covariance `[width, width]`, row-major, symmetric.
 * @param options axes: how many, at most the width; random: draws the rotation of `"phi_s"` where
 *   there is no Hadamard matrix.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { principalTargets } from "./principal_targets.ts";
 * const options = { kind: "global", axes: 1, random: randomStream(0) } as const;
 * const { std, kept } = principalTargets(Float64Array.of(9, 0, 0, 1), options);
 * if (kept !== 0.9 || std[0] !== 3) throw new Error("Nine tenths lie along the first");
 * ```
 */
export function principalTargets(
  covariance: Float64Array,
  { kind, axes, leastDeviation = 0, random }: {
    readonly kind: StandardizerKind;
    readonly axes: number;
    readonly leastDeviation?: number;
    readonly random: RandomStream;
  },
): PrincipalTargets {
  const width = Math.sqrt(covariance.length);
  const deviations = Float64Array.from(
    { length: width },
    (_, i) => Math.sqrt(Math.max(0, covariance[i * width + i]!)),
  );
  // A feature that never changes has no direction: it is 0 whatever it is divided by.
  const scale = kind === "fixed"
    ? withLeastDeviation(deviations, leastDeviation).map((deviation) => deviation || 1)
    : deviations.fill(1);
  const standardised = covariance.map((value, at) =>
    value / (scale[Math.floor(at / width)]! * scale[at % width]!)
  );
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(width, width, standardised),
    { assumeSymmetric: true },
  );
  // Rounding may make a variance of zero a little negative.
  const variances = realEigenvalues.map((variance) => Math.max(0, variance));
  const order = [...variances.keys()].sort((a, b) => variances[b]! - variances[a]!).slice(0, axes);
  const along = order.reduce((sum, axis) => sum + variances[axis]!, 0);
  const total = variances.reduce((sum, variance) => sum + variance, 0);
  const first = eigenvectorMatrix.subMatrixColumn(order);
  const turned = kind === "phi_s" ? first.mmul(evenMixing(axes, random)) : first;
  const deviation = Math.sqrt(along / axes);
  return {
    std: scale.map((own) => own * deviation),
    axes: Float32Array.from(turned.to1DArray()),
    kept: total > 0 ? along / total : 1,
  };
}
