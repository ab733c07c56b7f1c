/**
 * Patch tokens that a transformer sees in a step of training: a random subset of each image's, the same
 * number for every image.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../tensors/random.ts";

/** Which patch tokens are kept, drawn by {@linkcode drawKeptTokens}; whole numbers. */
export type KeptTokens = {
  /** `[batch, kept]`, places on the image's grid, rising. */
  readonly places: tf.Tensor2D;
  /** `[batch, tokens]`, for every place its row among the `batch * kept`; that many where it is not kept. */
  readonly rows: tf.Tensor2D;
};

/**
 * How many of an image's patch tokens are kept where a share of them is masked: at least one.
 *
 * @example
 * ```ts
 * import { keptCount } from "./kept_tokens.ts";
 * if (keptCount(64, 0.75) !== 16) throw new Error("A quarter is kept");
 * ```
 */
export function keptCount(tokens: number, mask = 0): number {
  return Math.max(1, Math.round(tokens * (1 - mask)));
}

/**
 * Draws the tokens that are kept: for each image a subset of its own, all equally likely.
 *
 * @param options tokens: of an image; kept: so many of them.
 * @returns The numbers of {@linkcode KeptTokens}, row by row.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { drawKeptTokens } from "./kept_tokens.ts";
 * const { places } = drawKeptTokens({ batch: 2, tokens: 4, kept: 3 }, randomStream(0));
 * if (places.length !== 2 * 3) throw new Error("Expected three places for each image");
 * ```
 */
export function drawKeptTokens(
  { batch, tokens, kept }: {
    readonly batch: number;
    readonly tokens: number;
    readonly kept: number;
  },
  random: RandomStream,
): { places: Int32Array; rows: Int32Array } {
  const places = new Int32Array(batch * kept);
  const rows = new Int32Array(batch * tokens).fill(batch * kept);
  for (let image = 0; image < batch; image++) {
    const drawn = random.at(image).permutation(tokens).slice(0, kept).sort();
    places.set(drawn, image * kept);
    drawn.forEach((place, i) => rows[image * tokens + place] = image * kept + i);
  }
  return { places, rows };
}

/**
 * The kept ones of an image's patch tokens: `[batch, tokens, width]` to `[batch, kept, width]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { takeTokens } from "./kept_tokens.ts";
 * await startEngine();
 * const kept = {
 *   places: tf.tensor2d([[1]], [1, 1], "int32"),
 *   rows: tf.tensor2d([[1, 0]], [1, 2], "int32"),
 * };
 * const taken = takeTokens(tf.tensor3d([[[5], [7]]]), kept);
 * if ((await taken.data()).join() !== "7") throw new Error("Expected the second");
 * ```
 */
export function takeTokens(tokens: tf.Tensor3D, { places, rows }: KeptTokens): tf.Tensor3D {
  const [batch, count, width] = tokens.shape, kept = places.shape[1];
  const starts = Array.from({ length: batch }, (_, image) => image * count);
  const flatPlaces = tf.reshape(tf.add(places, tf.tensor2d(starts, [batch, 1], "int32")), [-1]);
  const take = tf.customGrad((...inputs) => {
    const flat = tf.reshape(inputs[0] as tf.Tensor, [batch * count, width]);
    // Each token is taken once at most, so its gradient is looked up, which every engine can do:
    // gather's own gradient adds up segments, for which the wasm engine has no kernel.
    const gradFunc = (dy: tf.Tensor) => {
      const rest = tf.zeros([1, width]);
      const all = tf.concat([tf.reshape(dy, [batch * kept, width]), rest], 0);
      return tf.reshape(tf.gather(all, tf.reshape(rows, [-1])), [batch, count, width]);
    };
    const value = tf.reshape(tf.gather(flat, flatPlaces), [batch, kept, width]);
    return { value, gradFunc };
  });
  return take(tokens) as tf.Tensor3D;
}

/**
 * A transformer's tokens with only the kept ones of the patches: CLS and registers, which come first, stay.
 *
 * @param tokens `[batch, 1 + registers + patches, width]`.
 * @param kept Default: all are.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { keepPatches } from "./kept_tokens.ts";
 * await startEngine();
 * const kept = {
 *   places: tf.tensor2d([[1]], [1, 1], "int32"),
 *   rows: tf.tensor2d([[1, 0]], [1, 2], "int32"),
 * };
 * const tokens = keepPatches(tf.tensor3d([[[1], [5], [7]]]), kept);
 * if ((await tokens.data()).join() !== "1,7") throw new Error("Expected CLS and the second patch");
 * ```
 */
export function keepPatches(tokens: tf.Tensor3D, kept?: KeptTokens): tf.Tensor3D {
  if (kept === undefined) return tokens;
  const patches = kept.rows.shape[1], first = tokens.shape[1] - patches;
  const [others, patch] = tf.split(tokens, [first, patches], 1) as [tf.Tensor3D, tf.Tensor3D];
  return tf.concat3d([others, takeTokens(patch, kept)], 1);
}

/** What is kept of the tokens of some neighbouring images of a batch. */
export function keptOfImages(
  { places, rows }: KeptTokens,
  first: number,
  count: number,
): KeptTokens {
  const kept = places.shape[1];
  const own = tf.sub(tf.slice(rows, [first], [count]), tf.scalar(first * kept, "int32"));
  return {
    places: tf.slice(places, [first], [count]),
    rows: tf.minimum<tf.Tensor2D>(own, tf.scalar(count * kept, "int32")),
  };
}
