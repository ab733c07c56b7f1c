/** k-nearest-neighbour classification of frozen features, without any training. */
import * as tf from "@tensorflow/tfjs";

/** Features of labelled images. */
export interface LabelledFeatures {
  /** `[images, width]`, row-major. */
  readonly features: Float32Array;
  /** `[images]`, class numbers from 0. */
  readonly labels: Int32Array;
  /** Numbers per image. */
  readonly width: number;
}

/** Outcome of {@linkcode knn}. */
export interface KnnResult {
  /** Percentage of test images whose class won the vote. */
  readonly top1: number;
  /** `[images]`, the class that won. */
  readonly predictions: Int32Array;
}

/** Rows of test and train features whose similarities are held at once: 1,024 x 8,192 are 32 MB. */
const TEST_ROWS = 1024;
const TRAIN_ROWS = 8192;

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
 * import { knn, startEngine } from "@hashigo/hashigo";
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
  options: { readonly k?: number; readonly temperature?: number; readonly normalize?: boolean } =
    {},
): Promise<KnnResult> {
  const { temperature = 0.07, normalize = true } = options;
  const images = { train: countRows(train, "train"), test: countRows(test, "test") };
  if (train.width !== test.width) {
    throw new RangeError(
      `Cannot compare features: found width ${train.width} (train) and ${test.width} (test)`,
    );
  }
  const k = Math.min(options.k ?? 20, images.train);
  const classes = train.labels.reduce((highest, label) => Math.max(highest, label), 0) + 1;
  const predictions = new Int32Array(images.test);
  const bank = chunks(train, images.train, TRAIN_ROWS, normalize);
  try {
    for (let from = 0; from < images.test; from += TEST_ROWS) {
      const rows = Math.min(TEST_ROWS, images.test - from);
      const queries = upload(test, from, rows, normalize);
      const nearest = emptyNearest(rows, k);
      for (const { tensor, from: offset } of bank) {
        const product = tf.matMul(queries, tensor, false, true);
        collect(nearest, await product.data<"float32">(), offset);
        product.dispose();
      }
      queries.dispose();
      for (let row = 0; row < rows; row++) {
        predictions[from + row] = vote(nearest, row, train.labels, { classes, temperature });
      }
    }
  } finally {
    for (const { tensor } of bank) tensor.dispose();
  }
  const right = predictions.reduce((sum, label, i) => sum + Number(label === test.labels[i]), 0);
  return { top1: 100 * right / images.test, predictions };
}

function countRows({ features, labels, width }: LabelledFeatures, name: string): number {
  if (labels.length > 0 && features.length === labels.length * width) return labels.length;
  throw new RangeError(
    `Cannot use the ${name} features: found ${features.length} numbers and ${labels.length} ` +
      `labels, expected at least one label and ${width} numbers for each`,
  );
}

function chunks(set: LabelledFeatures, count: number, size: number, normalize: boolean) {
  const starts = Array.from({ length: Math.ceil(count / size) }, (_, i) => i * size);
  return starts.map((from) => ({
    from,
    tensor: upload(set, from, Math.min(size, count - from), normalize),
  }));
}

/** `[rows, width]`; a vector of zeros stays zero. */
function upload(set: LabelledFeatures, from: number, rows: number, normalize: boolean) {
  return tf.tidy(() => {
    const { width } = set;
    const slice = set.features.subarray(from * width, (from + rows) * width);
    const features = tf.tensor2d(slice, [rows, width]);
    if (!normalize) return features;
    return tf.div(features, tf.maximum(tf.norm(features, 2, 1, true), 1e-12)) as tf.Tensor2D;
  });
}

/** The best `k` of each row so far, most similar first. */
interface Nearest {
  readonly k: number;
  readonly similarities: Float32Array;
  readonly indices: Int32Array;
}

function emptyNearest(rows: number, k: number): Nearest {
  return {
    k,
    similarities: new Float32Array(rows * k).fill(-Infinity),
    indices: new Int32Array(rows * k).fill(-1),
  };
}

/** Takes in `[rows, columns]` similarities; column 0 is train image `offset`. */
function collect(nearest: Nearest, values: Float32Array, offset: number): void {
  const { k, similarities, indices } = nearest;
  const rows = similarities.length / k;
  const columns = values.length / rows;
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * k, row * k + k];
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column] ?? NaN;
      // Most values stop here, so a sorted list beats a heap. NaN is never near.
      if (!(value > (similarities[end - 1] ?? 0))) continue;
      let place = end - 1;
      while (place > start && value > (similarities[place - 1] ?? 0)) place--;
      similarities.copyWithin(place + 1, place, end - 1);
      indices.copyWithin(place + 1, place, end - 1);
      similarities[place] = value;
      indices[place] = offset + column;
    }
  }
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
