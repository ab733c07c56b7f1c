/** Equal slices of a flat buffer, of which each of several processes keeps one. */
import * as tf from "@tensorflow/tfjs";
import type { Layout } from "./parameters.ts";

/** Consecutive numbers of a flat buffer; the last ones may lie behind its end. */
export interface BufferSlice {
  /** Where it begins. */
  readonly from: number;
  /** Its numbers. */
  readonly size: number;
}

/**
 * One of so many slices of a buffer. All are of one size, so that they can be exchanged: where the buffer does not
 * divide, the last ones reach beyond its end.
 *
 * @param size numbers of the buffer
 * @param part rank: which slice, from 0; size: how many
 *
 * @example
 * ```ts
 * import { sliceOf } from "./slices.ts";
 * const { from, size } = sliceOf(10, { rank: 2, size: 4 });
 * if (from !== 6 || size !== 3) throw new Error("Expected four slices of three");
 * ```
 */
export function sliceOf(
  size: number,
  part: { readonly rank: number; readonly size: number },
): BufferSlice {
  const each = Math.ceil(size / part.size);
  return { from: part.rank * each, size: each };
}

/**
 * Where the tensors of a layout lie in a slice of its buffer: those that the slice cuts are there in part, flat.
 * What lies behind the end of the buffer belongs to none.
 *
 * @example
 * ```ts
 * import { arrangeTensors } from "./parameters.ts";
 * import { sliceLayout } from "./slices.ts";
 * const layout = arrangeTensors([["weight", [3, 2]], ["bias", [2]]]);
 * const [weight, bias] = sliceLayout(layout, { from: 4, size: 4 }).entries;
 * if (weight?.size !== 2 || bias?.offset !== 2) throw new Error("Expected the weight's last two numbers");
 * ```
 */
export function sliceLayout(layout: Layout, { from, size }: BufferSlice): Layout {
  const within = (place: number) => Math.min(Math.max(place - from, 0), size);
  return {
    size,
    decayed: within(layout.decayed),
    entries: layout.entries.flatMap((entry) => {
      const offset = within(entry.offset), numbers = within(entry.offset + entry.size) - offset;
      return numbers === 0 ? [] : [{ ...entry, shape: [numbers], offset, size: numbers }];
    }),
  };
}

/**
 * The numbers of a slice, with zeros behind the end of the buffer.
 *
 * @param flat `[size]`
 * @returns a copy, `[slice.size]`
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { takeSlice } from "./slices.ts";
 * await startEngine();
 * const values = await takeSlice(tf.tensor1d([5, 6, 7]), { from: 2, size: 2 }).data();
 * if (values.join() !== "7,0") throw new Error("Expected the last number and a zero");
 * ```
 */
export function takeSlice(flat: tf.Tensor1D, { from, size }: BufferSlice): tf.Tensor1D {
  return tf.tidy(() => {
    const there = Math.min(Math.max(flat.size - from, 0), size);
    if (there === 0) return tf.fill<tf.Rank.R1>([size], 0);
    const own = tf.slice1d(flat, from, there);
    return there === size ? own : tf.pad1d(own, [0, size - there]);
  });
}

/**
 * All slices of a buffer, with zeros behind its end.
 *
 * @param flat `[size]`
 * @returns `[slices, numbers of each]`
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { slicesOf } from "./slices.ts";
 * await startEngine();
 * const rows = slicesOf(tf.tensor1d([1, 2, 3]), 2);
 * if (rows.shape.join() !== "2,2") throw new Error("Expected two slices of two");
 * ```
 */
export function slicesOf(flat: tf.Tensor1D, slices: number): tf.Tensor2D {
  const { size: each } = sliceOf(flat.size, { rank: 0, size: slices });
  const beyond = slices * each - flat.size;
  return tf.tidy(() => {
    const padded = beyond === 0 ? flat : tf.pad1d(flat, [0, beyond]);
    return tf.reshape<tf.Rank.R2>(padded, [slices, each]);
  });
}
