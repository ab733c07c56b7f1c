/** Similarity of many layers' features of the same images. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import { centred, type FeatureMatrix } from "../feature_matrix.ts";

/**
 * Measures the debiased linear CKA of every layer with every other, as {@linkcode linearCka} does of one
 * pair.
 * The kernel of each layer is computed once, so memory holds layers x images² numbers.
 *
 * @param layers of the same images in the same order, `[images, width]` each; widths may differ. At
 * least four images.
 * @returns `[layers][layers]`, symmetric, 1 on the diagonal; NaN beside a layer whose features are all
 * equal.
 * @throws {UserError} where numbers of images differ or are below four, or a feature is not finite.
 * @source Kornblith et al., "Similarity of neural network representations revisited" (2019); debiased by
 * U-centred kernels: Székely and Rizzo, "Partial distance correlation with methods for dissimilarities"
 * (2014).
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { ckaMatrix } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const layer = { features: Float32Array.of(1, 0, 0, 1, 2, 1, 4, 3, 0, 5), width: 2 };
 * const doubled = { ...layer, features: layer.features.map((value) => 2 * value) };
 * const [[, alike] = []] = await ckaMatrix([layer, doubled]);
 * if (Math.abs((alike ?? 0) - 1) > 1e-5) throw new Error("Only scaled");
 * ```
 */
export async function ckaMatrix(layers: readonly FeatureMatrix[]): Promise<number[][]> {
  if (layers.length === 0) return [];
  const images = layers.map(({ features, width }) => features.length / width);
  const finite = layers.every(({ features }) => features.every(Number.isFinite));
  const [count = 0] = images;
  if (!(Number.isSafeInteger(count) && count >= 4 && finite) || images.some((n) => n !== count)) {
    throw new UserError(
      `Cannot compare layers: found ${[...new Set(images)].join(" and ")} images` +
        `${
          finite ? "" : ", some with features that are not finite"
        }, expected the same images in ` +
        "all, at least four. Extract all from the same set.",
    );
  }
  const products = tf.tidy(() => {
    const kernels = layers.map((layer) => tf.reshape(unitKernel(layer, count), [-1]));
    const rows = tf.stack(kernels) as tf.Tensor2D;
    return tf.matMul(rows, rows, false, true);
  });
  const values = await products.data<"float32">();
  products.dispose();
  return layers.map((_, row) => layers.map((_, column) => values[row * layers.length + column]!));
}

/** The U-centred kernel `[images, images]` of a layer, at unit length. */
function unitKernel(layer: FeatureMatrix, images: number): tf.Tensor2D {
  return tf.tidy(() => {
    const x = tf.tensor2d(centred(layer).features, [images, layer.width]);
    // At unit scale the sums of a kernel stay exact enough in single precision.
    const scaled = tf.div<tf.Tensor2D>(x, tf.sqrt(tf.mean(tf.square(x))));
    const others = tf.sub(1, tf.eye(images));
    const kernel = tf.mul(tf.matMul(scaled, scaled, false, true), others);
    const rows = tf.sum(kernel, 1, true);
    const total = tf.sum(rows);
    const both = tf.div(tf.add(rows, tf.transpose(rows)), images - 2);
    const shift = tf.sub(both, tf.div(total, (images - 1) * (images - 2)));
    const debiased = tf.mul<tf.Tensor2D>(tf.sub(kernel, shift), others);
    return tf.div(debiased, tf.norm(debiased));
  });
}
