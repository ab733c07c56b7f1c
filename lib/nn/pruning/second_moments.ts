/** Mean and products of the inputs of a layer, by which it can be fitted anew without the inputs. */
import * as tf from "@tensorflow/tfjs";

/** Moments of rows. */
export interface SecondMoments {
  /** Numbers in a row. */
  readonly width: number;
  /** Mean of each, `[width]`. */
  readonly mean: Float64Array;
  /** Mean of the products of each two, `[width, width]`. */
  readonly products: Float64Array;
}

/**
 * Moments of all rows of some tensors, each row being what lies along the last axis: of a map every place.
 *
 * @param batches Their number; `rows` gives the tensor `[..., width]` of each, and is freed here.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { secondMoments } from "./second_moments.ts";
 * await startEngine();
 * const { mean, products } = await secondMoments(1, () => tf.tensor2d([[1, 0], [3, 2]]));
 * if (mean.join() !== "2,1" || products.join() !== "5,3,3,2") throw new Error("(1 + 9) / 2, 6 / 2, 4 / 2");
 * ```
 */
export async function secondMoments(
  batches: number,
  rows: (batch: number) => tf.Tensor,
): Promise<SecondMoments> {
  let [count, width] = [0, 0];
  let shift = new Float32Array(), sums = new Float64Array(), products = new Float64Array();
  for (let batch = 0; batch < batches; batch++) {
    const flat = tf.tidy(() => {
      const tensor = rows(batch);
      return tf.reshape<tf.Rank.R2>(tensor, [-1, tensor.shape.at(-1)!]);
    });
    count += flat.shape[0];
    if (batch === 0) {
      width = flat.shape[1];
      [sums, products] = [new Float64Array(width), new Float64Array(width ** 2)];
      // Products of numbers around their mean keep the digits in which they differ.
      shift = await read(tf.tidy(() => tf.mean(flat, 0)));
    }
    const centred = tf.tidy(() => tf.sub<tf.Tensor2D>(flat, tf.tensor1d(shift)));
    addTo(sums, await read(tf.tidy(() => tf.sum(centred, 0))));
    addTo(products, await read(tf.tidy(() => tf.matMul(centred, centred, true))));
    tf.dispose([flat, centred]);
  }
  const means = sums.map((sum) => sum / count);
  return {
    width,
    mean: means.map((mean, i) => mean + shift[i]!),
    products: products.map((product, i) => {
      const [a, b] = [Math.floor(i / width), i % width];
      return product / count + means[a]! * shift[b]! + shift[a]! * (means[b]! + shift[b]!);
    }),
  };
}

async function read(tensor: tf.Tensor): Promise<Float32Array<ArrayBuffer>> {
  const values = Float32Array.from(await tensor.data<"float32">());
  tensor.dispose();
  return values;
}

function addTo(sums: Float64Array, values: Float32Array): void {
  values.forEach((value, i) => sums[i]! += value);
}

/** Products of deviations from the mean, `[width, width]`: a layer with a bias is fitted by these. */
export function covariance({ width, mean, products }: SecondMoments): Float64Array {
  return products.map((product, i) => product - mean[Math.floor(i / width)]! * mean[i % width]!);
}
