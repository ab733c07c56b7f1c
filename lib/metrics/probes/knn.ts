/** k-nearest-neighbour classification of frozen features, without any training. */
import { checkTwoClasses } from "./check_features.ts";
import { countClasses, type LabelledFeatures, percentRight } from "../labelled_features.ts";
import { type Nearest, nearestNeighbours } from "./nearest_neighbours.ts";

/** Outcome of {@linkcode knn}. */
export interface KnnResult {
  /** Percentage of test images whose class won the vote. */
  readonly top1: number;
  /** `[images]`, the class that won. */
  readonly predictions: Int32Array;
}

/**
 * Lets the `k` most similar train images vote on each test image, with weight
 * `exp(similarity / temperature)`. Similarity is the dot product, of unit vectors by default. Of
 * equally similar images the first wins, of equal votes the lowest class.
 *
 * @param options k, default 20, at most the number of train images; temperature, default 0.07;
 * normalize (features to unit length), default true. Values: the reference's evaluation.
 * @throws {RangeError} where widths differ, or features and labels differ in number.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { knn } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const train = { features: Float32Array.of(1, 0, 0, 1), labels: Int32Array.of(0, 1), width: 2 };
 * const test = { features: Float32Array.of(0.9, 0.1), labels: Int32Array.of(0), width: 2 };
 * const { top1 } = await knn(train, test, { k: 1 });
 * if (top1 !== 100) throw new Error("The nearest image is of the same class");
 * ```
 */
export async function knn(
  train: LabelledFeatures,
  test: LabelledFeatures,
  options: {
    readonly k?: number | undefined;
    readonly temperature?: number | undefined;
    readonly normalize?: boolean | undefined;
  } = {},
): Promise<KnnResult> {
  const { temperature = 0.07, normalize = true } = options;
  const images = { train: countRows(train, "train"), test: countRows(test, "test") };
  if (train.width !== test.width) {
    throw new RangeError(
      `Cannot compare features: found width ${train.width} (train) and ${test.width} (test)`,
    );
  }
  checkTwoClasses(train, "classify by neighbours");
  const k = Math.min(options.k ?? 20, images.train);
  const classes = countClasses(train);
  const predictions = new Int32Array(images.test);
  const parts = nearestNeighbours(train, test, { k, normalize });
  for await (const { nearest, from, rows } of parts) {
    for (let row = 0; row < rows; row++) {
      predictions[from + row] = vote(nearest, row, train.labels, { classes, temperature });
    }
  }
  return { top1: percentRight(predictions, test), predictions };
}

function countRows({ features, labels, width }: LabelledFeatures, name: string): number {
  if (labels.length > 0 && features.length === labels.length * width) return labels.length;
  throw new RangeError(
    `Cannot use the ${name} features: found ${features.length} numbers and ${labels.length} ` +
      `labels, expected at least one label and ${width} numbers for each`,
  );
}

function vote(
  nearest: Nearest,
  row: number,
  labels: Int32Array,
  { classes, temperature }: { readonly classes: number; readonly temperature: number },
): number {
  const votes = new Float64Array(classes);
  const start = row * nearest.k;
  // Relative to the nearest, so that the exponential of a long vector's product stays finite.
  const highest = nearest.similarities[start] ?? 0;
  for (let i = start; i < start + nearest.k; i++) {
    const label = labels[nearest.indices[i] ?? -1];
    if (label === undefined) break;
    votes[label] = (votes[label] ?? 0) +
      Math.exp(((nearest.similarities[i] ?? 0) - highest) / temperature);
  }
  return votes.indexOf(Math.max(...votes));
}
