/** The most similar rows of a bank, for any number of rows. */
import * as tf from "@tensorflow/tfjs";
import type { FeatureMatrix } from "../feature_matrix.ts";

/** Rows of test and train features whose similarities are held at once: 1,024 x 8,192 are 32 MB. */
const testRows = 1024;
const trainRows = 8192;

/** The best `k` of each row, most similar first. */
export interface Nearest {
  /** Neighbours of a row. */
  readonly k: number;
  /** `[rows, k]`, -Infinity where there are fewer. */
  readonly similarities: Float32Array;
  /** `[rows, k]`, rows of the bank; -1 where there are fewer. */
  readonly indices: Int32Array;
}

/** Neighbours of some rows that follow one another. */
export interface NearestPart {
  /** Neighbours of these rows. */
  readonly nearest: Nearest;
  /** Position of the first row. */
  readonly from: number;
  /** Number of rows. */
  readonly rows: number;
}

/**
 * Finds the most similar rows of a bank by dot product, in parts, so that the similarities of all rows never
 * have to fit the memory. Of equally similar rows the first comes first; NaN is never similar.
 *
 * @param options k; normalize: whether rows are brought to unit length first.
 */
export async function* nearestNeighbours(
  bank: FeatureMatrix,
  queries: FeatureMatrix,
  { k, normalize }: { readonly k: number; readonly normalize: boolean },
): AsyncGenerator<NearestPart> {
  const count = queries.features.length / queries.width;
  const parts = chunks(bank, bank.features.length / bank.width, trainRows, normalize);
  try {
    for (let from = 0; from < count; from += testRows) {
      const rows = Math.min(testRows, count - from);
      const chunk = upload(queries, from, rows, normalize);
      const nearest = emptyNearest(rows, k);
      for (const { tensor, from: offset } of parts) {
        const product = tf.matMul(chunk, tensor, false, true);
        collect(nearest, await product.data<"float32">(), offset);
        product.dispose();
      }
      chunk.dispose();
      yield { nearest, from, rows };
    }
  } finally {
    for (const { tensor } of parts) tensor.dispose();
  }
}

function chunks(set: FeatureMatrix, count: number, size: number, normalize: boolean) {
  const starts = Array.from({ length: Math.ceil(count / size) }, (_, i) => i * size);
  return starts.map((from) => ({
    from,
    tensor: upload(set, from, Math.min(size, count - from), normalize),
  }));
}

/** `[rows, width]`; a vector of zeros stays zero. */
function upload(set: FeatureMatrix, from: number, rows: number, normalize: boolean) {
  return tf.tidy(() => {
    const { width } = set;
    const slice = set.features.subarray(from * width, (from + rows) * width);
    const features = tf.tensor2d(slice, [rows, width]);
    if (!normalize) return features;
    return tf.div(features, tf.maximum(tf.norm(features, 2, 1, true), 1e-12)) as tf.Tensor2D;
  });
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
