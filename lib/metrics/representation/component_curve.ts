/** Accuracy of features of which only the first principal components are kept. */
import { type FeatureMatrix, shifted } from "../feature_matrix.ts";
import { knn } from "../probes/knn.ts";
import type { LabelledFeatures } from "../labelled_features.ts";
import { alongAxes, type PrincipalAxes } from "./principal_axes.ts";

/** Outcome of {@linkcode componentCurve}. */
export interface ComponentCurve {
  /** Numbers of components kept, rising; the last is the width of the features. */
  readonly dimensions: readonly number[];
  /** k-NN accuracy with each, in percent. */
  readonly accuracy: readonly number[];
}

/**
 * Measures the k-NN accuracy of features of which only the first principal components are kept: 1, 2, 4, …
 * and, last, all. Components keep their variances: the paper whitens them before its linear probe, which learns
 * its own scales, but neighbours among whitened components would be neighbours in noise.
 *
 * @param axes of the train features. Mean and axes come from them alone.
 * @param options k: as in {@linkcode knn}.
 * @source UNIC figures 6 and A (right).
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { componentCurve } from "./component_curve.ts";
 * import { principalAxes } from "./principal_axes.ts";
 * await startEngine();
 * const features = Float32Array.of(-9, 1, -8, -1, 8, 1, 9, -1);
 * const train = { features, labels: Int32Array.of(0, 0, 1, 1), width: 2 };
 * const { dimensions, accuracy } = await componentCurve(train, train, {
 *   axes: await principalAxes(train),
 *   k: 1,
 * });
 * if (dimensions.join() !== "1,2" || accuracy[0] !== 100) throw new Error("One axis is enough");
 * ```
 */
export async function componentCurve(
  train: LabelledFeatures,
  test: LabelledFeatures,
  options: { readonly axes: PrincipalAxes; readonly k?: number | undefined },
): Promise<ComponentCurve> {
  const { axes, k } = options, { width } = train;
  const turned = { train: await alongAxes(train, axes), test: await alongAxes(test, axes) };
  const dimensions = [...powersOfTwo(Math.min(axes.count, width - 1)), width];
  const accuracy: number[] = [];
  for (const kept of dimensions) {
    // All components are the features themselves, turned: what train images lack counts too.
    const part = (name: "train" | "test", set: LabelledFeatures): LabelledFeatures => ({
      labels: set.labels,
      ...kept === width ? shifted(set, axes.mean) : first(turned[name], kept),
    });
    const { top1 } = await knn(part("train", train), part("test", test), { k });
    accuracy.push(top1);
  }
  return { dimensions, accuracy };
}

function powersOfTwo(highest: number): number[] {
  const powers = [];
  for (let power = 1; power <= highest; power *= 2) powers.push(power);
  return powers;
}

/** The first `kept` numbers of every row. */
function first({ features, width }: FeatureMatrix, kept: number): FeatureMatrix {
  const rows = new Float32Array(features.length / width * kept);
  for (let from = 0, to = 0; from < features.length; from += width, to += kept) {
    rows.set(features.subarray(from, from + kept), to);
  }
  return { features: rows, width: kept };
}
