/** Teacher dropping: the weight of every image and teacher in the loss (UNIC section 3.5, equation 4). */
import * as tf from "@tensorflow/tfjs";

/** How teachers are dropped. */
export interface TeacherDropOptions {
  /** Probability that a teacher which is not the hardest of an image is dropped for it. */
  readonly probability: number | tf.Scalar;
  /**
   * `"matrix"` (default, as published): a mean over all kept pairs of teacher and image, so an image
   * that keeps more teachers weighs more. `"image"`: every image weighs the same.
   */
  readonly normalization?: "matrix" | "image" | undefined;
}

/**
 * The weight of every image and teacher in the loss, `[batch, teachers]`, summing to 1. For each image
 * the teacher with the largest loss is kept (the first of equals), each other one is dropped where
 * its uniform number is below the probability. A constant: no gradient flows through it.
 *
 * @param losses `[batch, teachers]`.
 * @param uniforms `[batch, teachers]`, in [0, 1).
 * @source UNIC section 3.5, equation 4.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { teacherDropCoefficients } from "@hashigo/hashigo/method";
 * await startEngine();
 * const losses = tf.tensor2d([[3, 1, 2], [1, 1, 1]]);
 * const coefficients = teacherDropCoefficients(losses, tf.zeros([2, 3]), { probability: 1 });
 * const expected = "0.5,0,0,0.5,0,0";
 * if ((await coefficients.data()).join() !== expected) throw new Error(`Expected ${expected}`);
 * ```
 */
export function teacherDropCoefficients(
  losses: tf.Tensor2D,
  uniforms: tf.Tensor2D,
  options: TeacherDropOptions,
): tf.Tensor2D {
  const { probability, normalization = "matrix" } = options;
  const constant = tf.customGrad((...inputs) => {
    const [matrix] = inputs as [tf.Tensor2D];
    const teachers = matrix.shape[1];
    const columns = tf.tensor1d(Array.from({ length: teachers }, (_, i) => i), "int32");
    const hardest = tf.equal(columns, tf.expandDims(tf.argMax(matrix, 1), 1));
    const keep = tf.cast(tf.logicalOr(hardest, tf.greaterEqual(uniforms, probability)), "float32");
    const value = normalizeCoefficients(keep as tf.Tensor2D, normalization);
    return { value, gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) };
  });
  return constant(losses) as tf.Tensor2D;
}

/**
 * Weights `[batch, teachers]` that sum to 1: divided by their sum, or, for `"image"`, by the sum of each
 * image and the number of images.
 *
 * @source UNIC, published training script (`"matrix"`).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { normalizeCoefficients } from "./teacher_drop.ts";
 * await startEngine();
 * const weights = tf.tensor2d([[1, 1], [1, 0]]);
 * const [two, , one] = await normalizeCoefficients(weights, "image").data();
 * if (two !== 0.25 || one !== 0.5) throw new Error("Expected images of equal weight");
 * ```
 */
export function normalizeCoefficients(
  weights: tf.Tensor2D,
  normalization: "matrix" | "image",
): tf.Tensor2D {
  return normalization === "matrix"
    ? tf.div(weights, tf.sum(weights))
    : tf.div(weights, tf.mul(tf.sum(weights, 1, true), weights.shape[0]));
}

/**
 * Each teacher's share of the total weight, `[teachers]`; for the default normalisation the shares of
 * the paper's figure 4.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { keptShares } from "./teacher_drop.ts";
 * await startEngine();
 * const shares = await keptShares(tf.tensor2d([[0.5, 0.25], [0.25, 0]])).data();
 * if (shares.join() !== "0.75,0.25") throw new Error("Expected the sums over images");
 * ```
 */
export function keptShares(coefficients: tf.Tensor2D): tf.Tensor1D {
  return tf.sum(coefficients, 0);
}
