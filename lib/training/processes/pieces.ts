/**
 * Slices and buffers that travel piece by piece: what carries them between processes keeps buffers as large as a message for
 * good, so that one message of all parameters would cost the memory that slices save.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { ProcessGroup } from "../../engine/collectives/process_group.ts";

/** Most numbers of a message, of all processes together: 16 MB. */
export const mostNumbers = 2 ** 22;

/** Where each piece of a slice begins, and its numbers. */
function piecesOf(
  size: number,
  { ranks, most }: { readonly ranks: number; readonly most: number },
): { readonly from: number; readonly count: number }[] {
  const each = Math.max(1, Math.floor(most / ranks));
  return Array.from({ length: Math.ceil(size / each) }, (_, i) => ({
    from: i * each,
    count: Math.min(each, size - i * each),
  }));
}

/**
 * The sum over all processes of the slices that belong to this one, always in the order of the ranks.
 *
 * @param rows `[processes, slice]`, of this process's vector; borrowed
 * @returns `[slice]`
 */
export async function sumSlices(
  { size: ranks, allToAll }: Pick<ProcessGroup, "size" | "allToAll">,
  rows: tf.Tensor2D,
  most = mostNumbers,
): Promise<tf.Tensor1D> {
  const sums: tf.Tensor1D[] = [];
  try {
    for (const { from, count } of piecesOf(rows.shape[1], { ranks, most })) {
      const own = tf.slice2d(rows, [0, from], [ranks, count]);
      const ofAll = await allToAll(own).finally(() => own.dispose());
      sums.push(tf.tidy(() => tf.addN(tf.unstack(ofAll) as tf.Tensor1D[])));
      ofAll.dispose();
    }
    return tf.concat1d(sums);
  } finally {
    tf.dispose(sums);
  }
}

/**
 * Gathers the slices of all processes, piece by piece.
 *
 * @param own `[slice]`, borrowed
 * @param take gets `[processes, numbers]` of every piece, which it takes over, and where that begins in a slice
 */
export async function gatherPieces(
  { size: ranks, allGather }: Pick<ProcessGroup, "size" | "allGather">,
  own: tf.Tensor1D,
  take: (rows: tf.Tensor2D, from: number) => void | Promise<void>,
  most = mostNumbers,
): Promise<void> {
  for (const { from, count } of piecesOf(own.size, { ranks, most })) {
    const piece = tf.slice1d(own, from, count);
    const all = await allGather(piece).finally(() => piece.dispose());
    const rows = tf.reshape<tf.Rank.R2>(all, [ranks, count]);
    all.dispose();
    await take(rows, from);
  }
}

/**
 * The buffer whose slices the processes have.
 *
 * @param own `[slice]`, borrowed
 * @param size numbers of the buffer
 * @returns `[size]`
 */
export async function gatherWhole(
  group: Pick<ProcessGroup, "size" | "allGather">,
  own: tf.Tensor1D,
  size: number,
  most?: number,
): Promise<tf.Tensor1D> {
  const pieces: tf.Tensor2D[] = [];
  try {
    await gatherPieces(group, own, (rows) => void pieces.push(rows), most);
    return tf.tidy(() => {
      const all = tf.reshape<tf.Rank.R1>(tf.concat2d(pieces, 1), [group.size * own.size]);
      return all.size === size ? all : tf.slice1d(all, 0, size);
    });
  } finally {
    tf.dispose(pieces);
  }
}

/**
 * The same on the host, so that the engine never has all of it.
 *
 * @returns `[processes * slice]`, with zeros behind the end of the buffer
 */
export async function gatherToHost(
  group: Pick<ProcessGroup, "size" | "allGather">,
  own: tf.Tensor1D,
  most?: number,
): Promise<Float32Array> {
  const values = new Float32Array(group.size * own.size);
  await gatherPieces(group, own, async (rows, from) => {
    const ofAll = await rows.data<"float32">(), [ranks, count] = rows.shape;
    rows.dispose();
    for (let rank = 0; rank < ranks; rank++) {
      values.set(ofAll.subarray(rank * count, (rank + 1) * count), rank * own.size + from);
    }
  }, most);
  return values;
}

/**
 * The leader's buffer at every process, bit for bit.
 *
 * @param values `[size]`, borrowed; the others need no more than its size
 * @returns `[size]`; undefined at the leader, who has it
 */
export async function broadcastWhole(
  { rank, broadcast }: Pick<ProcessGroup, "rank" | "broadcast">,
  values: tf.Tensor1D | { readonly size: number },
  most = mostNumbers,
): Promise<tf.Tensor1D | undefined> {
  const pieces: tf.Tensor1D[] = [];
  try {
    for (const { from, count } of piecesOf(values.size, { ranks: 1, most })) {
      if (rank > 0) pieces.push(await broadcast({ size: count }));
      else {
        const piece = tf.slice1d(values as tf.Tensor1D, from, count);
        (await broadcast(piece).finally(() => piece.dispose())).dispose();
      }
    }
    return rank > 0 ? tf.concat1d(pieces) : undefined;
  } finally {
    tf.dispose(pieces);
  }
}
