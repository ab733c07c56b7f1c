/** The part of a drawn batch that one process sees. */
import type { BatchPart } from "../../method/batch_parts.ts";
import type { drawKeptTokens } from "../../nn/kept_tokens.ts";

/** What is drawn for a batch, before its images are read. */
export interface DrawnBatch {
  /** Positions in the images. */
  readonly indices: Uint32Array;
  /** `[batch * rows, teachers]`: first those of the images, then, where patches have their own, those of each. */
  readonly dropUniforms: Float32Array;
  /** `[depth, 2, batch]`. */
  readonly dropPath: Float32Array;
  /** The patches that the student sees, where some are masked. */
  readonly kept?: ReturnType<typeof drawKeptTokens> | undefined;
}

/**
 * Cuts the rows of one part out of a batch: with two parts, the first has the first half of the images.
 *
 * @param teachers how many there are
 *
 * @example
 * ```ts
 * import { partOfDrawn } from "./batch_part.ts";
 * const drawn = {
 *   indices: Uint32Array.of(7, 8, 9, 10),
 *   dropUniforms: Float32Array.of(0, 1, 2, 3),
 *   dropPath: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
 * };
 * const { indices, dropPath } = partOfDrawn(drawn, { rank: 1, size: 2 }, 1);
 * if (indices.join() !== "9,10" || dropPath.join() !== "2,3,6,7") throw new Error("Expected halves");
 * ```
 */
export function partOfDrawn(
  drawn: DrawnBatch,
  { rank, size }: BatchPart,
  teachers: number,
): DrawnBatch {
  const batch = drawn.indices.length, count = batch / size;
  if (!Number.isInteger(count)) throw new Error(`A batch of ${batch} has no ${size} equal parts`);
  const from = rank * count, to = from + count;
  /** Of numbers whose first axis is the batch. */
  const rows = <T extends Float32Array | Int32Array>(numbers: T): T => {
    const width = numbers.length / batch;
    return numbers.slice(from * width, to * width) as T;
  };
  const { kept, dropPath, dropUniforms } = drawn;
  const ofImages = rows(dropUniforms.subarray(0, batch * teachers));
  const ofPatches = rows(dropUniforms.subarray(batch * teachers));
  /** Numbers of rows among the kept ones of the whole batch, counted within the part. */
  const countedAnew = ({ places, rows: numbers }: NonNullable<typeof kept>) => {
    const each = places.length / batch;
    return rows(numbers).map((row) => row === places.length ? count * each : row - from * each);
  };
  return {
    indices: drawn.indices.slice(from, to),
    dropUniforms: joined(ofImages, ofPatches),
    // `[depth, 2, batch]`: the batch is its last axis.
    dropPath: dropPath.filter((_, i) => i % batch >= from && i % batch < to),
    ...kept && { kept: { places: rows(kept.places), rows: countedAnew(kept) } },
  };
}

function joined(first: Float32Array, second: Float32Array): Float32Array {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
