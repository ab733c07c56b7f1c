/** Groups of similar rows by k-means. */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../tensors/random.ts";
import { type FeatureMatrix, gatherRows } from "../feature_matrix.ts";
import { metricRefusal } from "../refusal.ts";

/** Rows whose distances are computed at once. */
const chunkRows = 8192;

/** Rows for each mean that they are fitted to. */
const sampledRows = 256;

/** Rows in groups, each around its mean. */
export interface Clustering {
  /** Group of each row, `[rows]`. */
  readonly assignments: Int32Array;
  /** Mean of each group, `[clusters, width]`; a group that lost all its rows keeps its former one. */
  readonly centres: FeatureMatrix;
}

/**
 * Groups rows around means, which are fitted to at most 256 rows for each of them. The first means are
 * rows far from one another: each is drawn with the square of its distance to those before.
 *
 * @param options clusters: number of groups; random: draws the rows; iterations: at most, default 25.
 * @throws {UserError} where there are fewer rows than clusters.
 * @source Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding" (2007).
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { kMeans } from "./k_means.ts";
 * await startEngine();
 * const features = Float32Array.of(0, 1, 100, 101);
 * const { assignments } = await kMeans({ features, width: 1 }, { clusters: 2, random: randomStream(0) });
 * const [a, b, c, d] = assignments;
 * if (a !== b || c !== d || a === c) throw new Error("Expected two pairs");
 * ```
 */
export async function kMeans(
  rows: FeatureMatrix,
  { clusters, random, iterations }: {
    readonly clusters: number;
    readonly random: RandomStream;
    readonly iterations?: number | undefined;
  },
): Promise<Clustering> {
  const count = rows.features.length / rows.width;
  if (count < clusters) {
    throw metricRefusal(
      "group rows",
      `found ${count} rows for ${clusters} clusters, expected at least as many`,
      "Give fewer clusters",
    );
  }
  const { width } = rows;
  const places = random.at("sample").permutation(count).subarray(0, sampledRows * clusters);
  const sample = { features: gatherRows(rows.features, places, width), width };
  const first = spreadRows(sample, clusters, random.at("first"));
  const { centres } = await clusterAround(sample, first, iterations);
  return { assignments: await nearestCentres(rows, centres), centres };
}

/** Rows of which each is drawn with the square of its distance to the nearest of those before. */
function spreadRows(
  { features, width }: FeatureMatrix,
  clusters: number,
  random: RandomStream,
): FeatureMatrix {
  const count = features.length / width;
  const draws = random.uniform(clusters);
  const chosen: number[] = [Math.floor(draws[0]! * count)];
  const distances = new Float64Array(count).fill(Infinity);
  while (chosen.length < clusters) {
    const newest = chosen.at(-1)! * width;
    let sum = 0;
    for (let row = 0; row < count; row++) {
      let distance = 0;
      for (let i = 0; i < width; i++) {
        distance += (features[row * width + i]! - features[newest + i]!) ** 2;
      }
      sum += distances[row] = Math.min(distances[row]!, distance);
    }
    let left = draws[chosen.length]! * sum;
    // Where rounding leaves a little over, the last row that differs from all before.
    let row = distances.findLastIndex((distance) => distance > 0);
    for (let i = 0; i < count; i++) {
      left -= distances[i]!;
      if (left < 0) {
        row = i;
        break;
      }
    }
    chosen.push(Math.max(0, row));
  }
  return { features: gatherRows(features, chosen, width), width };
}

/**
 * Lloyd's iterations from given means, until no row changes its group.
 *
 * @source Lloyd, "Least squares quantization in PCM" (1982).
 */
export async function clusterAround(
  rows: FeatureMatrix,
  first: FeatureMatrix,
  iterations = 25,
): Promise<Clustering> {
  let centres = first;
  let assignments = await nearestCentres(rows, centres);
  for (let i = 0; i < iterations; i++) {
    centres = meansOf(rows, assignments, centres);
    const next = await nearestCentres(rows, centres);
    const isSettled = next.every((cluster, row) => cluster === assignments[row]);
    assignments = next;
    if (isSettled) break;
  }
  return { assignments, centres };
}

/** The nearest mean of each row; of equally near ones the first. */
async function nearestCentres(rows: FeatureMatrix, centres: FeatureMatrix): Promise<Int32Array> {
  const { features, width } = rows;
  const count = features.length / width;
  const assignments = new Int32Array(count);
  const [matrix, norms] = tf.tidy(() => {
    const matrix = tf.tensor2d(centres.features, [centres.features.length / width, width]);
    return [matrix, tf.sum(tf.square(matrix), 1)] as const;
  });
  for (let from = 0; from < count; from += chunkRows) {
    const to = Math.min(count, from + chunkRows);
    const nearest = tf.tidy(() => {
      const chunk = tf.tensor2d(features.subarray(from * width, to * width), [to - from, width]);
      // The row's own square is the same for every mean.
      return tf.argMin(tf.sub(norms, tf.mul(tf.matMul(chunk, matrix, false, true), 2)), 1);
    });
    assignments.set(await nearest.data<"int32">(), from);
    nearest.dispose();
  }
  tf.dispose([matrix, norms]);
  return assignments;
}

function meansOf(
  { features, width }: FeatureMatrix,
  assignments: Int32Array,
  before: FeatureMatrix,
): FeatureMatrix {
  const sums = new Float64Array(before.features.length);
  const counts = new Uint32Array(before.features.length / width);
  assignments.forEach((cluster, row) => {
    counts[cluster]!++;
    for (let i = 0; i < width; i++) sums[cluster * width + i]! += features[row * width + i]!;
  });
  const means = before.features.map((value, i) => {
    const count = counts[Math.floor(i / width)]!;
    return count === 0 ? value : sums[i]! / count;
  });
  return { features: means, width };
}
