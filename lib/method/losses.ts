/** Distances between predicted and true tokens, by teacher (UNIC equations 1 and 2). */
import * as tf from "@tensorflow/tfjs";
import { type Predictions, tokenTypes } from "./tokens.ts";

/** Below this product of norms a vector counts as zero: its cosine is 0 and pulls nowhere. */
const smallestNorms = 1e-8;

type Five = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];

/** The losses of a batch. */
export interface TeacherLosses {
  /** `[batch, teachers]`, the mean over the token types that a teacher has. */
  readonly matrix: tf.Tensor2D;
  /** `[batch]` for each teacher and token type. */
  readonly perToken: {
    readonly [teacher: string]: { readonly cls?: tf.Tensor1D; readonly patch?: tf.Tensor1D };
  };
  /** `[batch, tokens]` for each teacher that has patches. */
  readonly perPatch: { readonly [teacher: string]: tf.Tensor2D };
}

/**
 * How far predicted tokens are from a teacher's, over the last axis: half the cosine distance plus
 * half the mean smooth-L1 distance (β = 1). `[..., width]` to `[...]`. No gradient flows to the
 * target. A zero vector has cosine loss 1 and no gradient from it.
 *
 * @source UNIC equation 1 and appendix A.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { tokenLoss } from "./losses.ts";
 * await startEngine();
 * const loss = tokenLoss(tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 1]]));
 * if ((await loss.data())[0] !== 0.75) throw new Error("Expected 0.5 x 1 + 0.5 x 0.5");
 * ```
 */
export function tokenLoss(prediction: tf.Tensor, target: tf.Tensor): tf.Tensor {
  if (`${prediction.shape}` !== `${target.shape}`) {
    throw new Error(
      `Cannot compare a prediction of shape [${prediction.shape}] with a target of shape ` +
        `[${target.shape}]: expected equal shapes. Resample the target to the supervised grid`,
    );
  }
  const width = prediction.shape.at(-1)!;
  const loss = tf.customGrad((...inputs) => {
    const [x, save] = inputs as [tf.Tensor, tf.GradSaveFunc];
    const squares = tf.sum(tf.square(x), -1, true);
    const norms = tf.mul(tf.sqrt(squares), tf.sqrt(tf.sum(tf.square(target), -1, true)));
    const large = tf.cast(tf.greater(norms, smallestNorms), "float32");
    const inverse = tf.div(large, tf.maximum(norms, smallestNorms));
    const cosine = tf.mul(tf.sum(tf.mul(x, target), -1, true), inverse);
    const difference = tf.sub(x, target), clipped = tf.clipByValue(difference, -1, 1);
    // c (d - c / 2) is d² / 2 for |d| <= 1 and |d| - 1/2 beyond, where c is d clipped to ±1.
    const smooth = tf.mul(clipped, tf.sub(difference, tf.mul(clipped, 0.5)));
    const value = tf.mul(tf.add(tf.sub(1, cosine), tf.mean(smooth, -1, true)), 0.5);
    const radial = tf.div(cosine, tf.maximum(squares, smallestNorms ** 4));
    save([x, target, clipped, inverse, radial]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, target, clipped, inverse, radial] = saved as Five;
      const half = tf.mul(tf.expandDims(dy, -1), 0.5);
      const across = tf.sub(tf.mul(x, radial), tf.mul(target, inverse));
      return tf.mul(half, tf.add(across, tf.mul(clipped, 1 / width)));
    };
    return { value: tf.squeeze(value, [-1]), gradFunc };
  });
  return loss(prediction);
}

/**
 * One loss for every image and teacher. Patch losses are averaged over tokens, then the token types
 * that a teacher has are averaged, so that CLS and patches weigh the same however many patches.
 *
 * @param predictions From the student.
 * @param targets Standardised features of the teachers, of the same shapes.
 * @param teacherNames Order of the columns.
 * @throws {Error} Where a prediction has no target, or shapes differ.
 * @source UNIC equation 2, its inner mean.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { lossesPerTeacher } from "@hashigo/hashigo/method";
 * await startEngine();
 * const features = { a: { cls: tf.ones<tf.Rank.R2>([2, 4]) } };
 * const { matrix } = lossesPerTeacher(features, features, ["a"]);
 * if (matrix.shape.join() !== "2,1") throw new Error("Expected [batch, teachers]");
 * ```
 */
export function lossesPerTeacher(
  predictions: Predictions,
  targets: Predictions,
  teacherNames: readonly string[],
): TeacherLosses {
  const byTeacher = teacherNames.map((name) =>
    [name, tokenLosses(predictions[name] ?? {}, targets[name] ?? {}, name)] as const
  );
  return joinLosses(Object.fromEntries(byTeacher), teacherNames);
}

/** Losses of one teacher's tokens: `cls [batch]` and `patch [batch, tokens]`, those that it has. */
export type TokenLosses = { readonly cls?: tf.Tensor1D; readonly patch?: tf.Tensor2D };

/**
 * The losses of one teacher's tokens.
 *
 * @param name For messages.
 * @throws {Error} Where a prediction has no target, or there is no prediction.
 */
export function tokenLosses(
  predictions: Predictions[string],
  targets: Predictions[string],
  name: string,
): TokenLosses {
  const losses = tokenTypes.flatMap((token) => {
    const prediction = predictions[token], target = targets[token];
    if (prediction === undefined) return [];
    if (target === undefined) throw missingTokens(name, token);
    return [[token, tokenLoss(prediction, target)] as const];
  });
  if (losses.length === 0) throw missingTokens(name, "cls or patch");
  return Object.fromEntries(losses);
}

/** One loss for every image and teacher, of those of each teacher's tokens. */
export function joinLosses(
  byTeacher: { readonly [teacher: string]: TokenLosses },
  teacherNames: readonly string[],
): TeacherLosses {
  const perToken: Record<string, { cls?: tf.Tensor1D; patch?: tf.Tensor1D }> = {};
  const perPatch: Record<string, tf.Tensor2D> = {};
  const columns = teacherNames.map((name) => {
    const { cls, patch } = byTeacher[name] ?? {};
    if (patch !== undefined) perPatch[name] = patch;
    const ofPatches = patch && tf.mean<tf.Tensor1D>(patch, 1);
    // Absent rather than undefined: every entry is a loss.
    perToken[name] = { ...cls && { cls }, ...ofPatches && { patch: ofPatches } };
    const present = Object.values(perToken[name]);
    return present.length === 1 ? present[0]! : tf.mul(tf.addN(present), 1 / present.length);
  });
  return { matrix: tf.stack(columns, 1) as tf.Tensor2D, perToken, perPatch };
}

function missingTokens(name: string, token: string): Error {
  return new Error(
    `Cannot compute the loss of teacher "${name}": found no ${token} tokens of it, expected them ` +
      "in both predictions and targets. Give the features that its shape declares",
  );
}
