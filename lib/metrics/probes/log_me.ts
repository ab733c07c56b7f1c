/** Evidence of labels given frozen features: the LogME score of a model for a task. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { type LabelledFeatures, placesByClass } from "../labelled_features.ts";
import { metricRefusal } from "../refusal.ts";
import { smallerProduct } from "../smaller_product.ts";

/** Eigenvalues below this part of the largest are rounding of single precision. */
const resolution = 1e-7;

/** Steps of the search, and the range of the logarithm of signal over noise along the first direction. */
const coarse = 0.5, range = [-20, 25] as const;

/**
 * The largest log evidence of a linear model of the labels, for each image: the mean over the classes of
 * `max over α, β of log p(y | features, α, β) / images`, where y is 1 for images of the class and 0 for others,
 * `α` the precision of the weights and `β` that of the noise. Higher is better.
 *
 * Takes time with the third power of the smaller of width and number of images.
 *
 * @param images features `[images, width]` as they are: neither centred nor scaled.
 * @throws {UserError} where there are fewer than two classes, a feature is not finite, or all are 0.
 * @source You et al., "LogME: practical assessment of pre-trained models for transfer learning" (2021),
 * sections 4.1 and 4.2. The maximum over both precisions is found along the eigenvectors of the features'
 * products, where that over the noise is exact.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { logMe } from "./log_me.ts";
 * await startEngine();
 * const labels = Int32Array.of(0, 0, 0, 1, 1, 1);
 * const told = { features: Float32Array.of(1, 1.1, 0.9, -1, -1.1, -0.9), labels, width: 1 };
 * const blind = { features: Float32Array.of(1, -1, 0.5, -0.5, 1, 1), labels, width: 1 };
 * if (!(await logMe(told) > await logMe(blind))) throw new Error("The first tells the classes apart");
 * ```
 */
export async function logMe(images: LabelledFeatures): Promise<number> {
  const { features, labels, width } = images;
  const classes = placesByClass(labels);
  if (classes.length < 2 || features.length !== labels.length * width) {
    throw metricRefusal(
      "measure the evidence of labels",
      `found ${classes.length} classes of ${
        features.length / width
      } images with ${labels.length} labels, ` +
        "expected at least two classes and a label for each image",
      "Take a task with more classes",
    );
  }
  const { values, squares } = await directions(images, classes);
  const evidences = classes.map(([, places], i) =>
    largestEvidence(values, squares[i]!, { images: labels.length, total: places.length })
  );
  return evidences.reduce((sum, evidence) => sum + evidence, 0) / classes.length / labels.length;
}

/**
 * Eigenvalues of `x xᵀ` above rounding, and for each class the squared part of its labels along each
 * eigenvector.
 */
async function directions(
  { features, labels, width }: LabelledFeatures,
  classes: readonly (readonly [label: number, places: readonly number[]])[],
): Promise<{ readonly values: number[]; readonly squares: number[][] }> {
  const images = labels.length, size = Math.min(images, width);
  const product = await smallerProduct({ features, width });
  if (!product.every(Number.isFinite)) throw useless("features that are not finite");
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, product),
    { assumeSymmetric: true },
  );
  const largest = Math.max(...realEigenvalues);
  if (!(largest > 0)) throw useless("features that are all 0");
  const kept = [...realEigenvalues.keys()].filter((i) =>
    realEigenvalues[i]! > resolution * largest
  );
  const squares = classes.map(([, places]) => {
    const sums = new Float64Array(size);
    for (const place of places) {
      if (size === images) sums[place] = 1;
      else for (let i = 0; i < width; i++) sums[i]! += features[place * width + i]!;
    }
    return kept.map((column) => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += eigenvectorMatrix.get(i, column) * sums[i]!;
      // An eigenvector of xᵀ x is one of x xᵀ after x, at the root of its eigenvalue.
      return size === images ? sum * sum : sum * sum / realEigenvalues[column]!;
    });
  });
  return { values: kept.map((i) => realEigenvalues[i]!), squares };
}

/**
 * The largest log evidence over both precisions: the labels' variance along an eigenvector is
 * `(1 + ratio × eigenvalue) / β`, with the ratio `β / α`; for a ratio the best noise is a mean.
 */
function largestEvidence(
  values: readonly number[],
  squares: readonly number[],
  { images, total }: { readonly images: number; readonly total: number },
): number {
  const rest = Math.max(0, total - squares.reduce((sum, square) => sum + square, 0));
  const largest = Math.max(...values);
  const evidence = (logarithm: number) => {
    const ratio = Math.exp(logarithm) / largest;
    let noise = rest, determinant = 0;
    values.forEach((value, i) => {
      noise += squares[i]! / (1 + ratio * value);
      determinant += Math.log1p(ratio * value);
    });
    return -(images * (Math.log(2 * Math.PI * noise / images) + 1) + determinant) / 2;
  };
  let best: number = range[0];
  for (let at: number = range[0]; at <= range[1]; at += coarse) {
    if (evidence(at) > evidence(best)) best = at;
  }
  return evidence(goldenSection(evidence, best - coarse, best + coarse));
}

/** Where a function of one hill is highest. */
function goldenSection(value: (at: number) => number, from: number, to: number): number {
  const share = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  for (let i = 0; i < 40; i++) {
    const [a, b] = [high - share * (high - low), low + share * (high - low)];
    if (value(a) >= value(b)) high = b;
    else low = a;
  }
  return (low + high) / 2;
}

function useless(found: string) {
  return metricRefusal(
    "measure the evidence of labels",
    `found ${found}`,
    "Train or fetch the network again",
  );
}
