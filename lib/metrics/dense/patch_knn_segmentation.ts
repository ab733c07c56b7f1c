/** Segmentation by the neighbours of frozen patch tokens, without any training. */
import * as tf from "@tensorflow/tfjs";
import type { Grid } from "../../nn/token_grid.ts";
import type { RandomStream } from "../../tensors/random.ts";
import { UserError } from "../../errors/user_error.ts";
import { nearestNeighbours } from "../probes/nearest_neighbours.ts";
import {
  countImages,
  countSegmentedImages,
  type PatchTokens,
  type SegmentedPatches,
} from "./patch_tokens.ts";
import { gatherRows } from "../feature_matrix.ts";
import { logitsAtSize } from "./segmentation_head.ts";

/** Train patches with the classes of their pixels. */
export interface PatchBank {
  /** `[patches, width]` */
  readonly features: Float32Array;
  /** `[patches, classes]`: the share of each class among the pixels of the patch that have one. */
  readonly shares: Float32Array;
  /** Numbers per patch. */
  readonly width: number;
  /** Number of classes. */
  readonly classes: number;
}

/** Images whose maps are held at once. */
const chunkImages = 8;

/**
 * Collects the patches of train images with the classes of their pixels. Patches without any class are
 * left out.
 *
 * @param random draws patches where there are more than `limit`.
 * @param options limit: most patches, default 10,000, so that a vote over the patches of hundreds of
 * images takes seconds.
 * @throws {UserError} where tokens or masks cannot be used, or every pixel is to be ignored.
 *
 * @example
 * ```ts
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { patchBank } from "./patch_knn_segmentation.ts";
 * const tokens = Float32Array.of(5, 7), masks = Uint8Array.of(0, 255, 0, 1); // left and right patch
 * const set = { tokens, grid: [1, 2], width: 1, masks, side: 2, classes: 2 } as const;
 * const { shares } = patchBank(set, randomStream(0));
 * if (shares.join() !== "1,0,0,1") throw new Error("The left patch is of class 0 where it has one");
 * ```
 */
export function patchBank(
  train: SegmentedPatches,
  random: RandomStream,
  { limit = 10_000 }: { readonly limit?: number | undefined } = {},
): PatchBank {
  countSegmentedImages(train, "collect patches");
  const { tokens, width, classes } = train;
  const all = classShares(train);
  const labelled = Array.from({ length: all.length / classes }, (_, patch) => patch)
    .filter((patch) =>
      all.subarray(patch * classes, (patch + 1) * classes).some((share) => share > 0)
    );
  if (labelled.length === 0) {
    throw new UserError(
      "Cannot collect patches: found no pixel of a class in any mask, expected some. Check which " +
        "values of the masks are ignored.",
    );
  }
  const kept = labelled.length <= limit ? labelled : Array.from(
    random.permutation(labelled.length).subarray(0, limit).sort(),
    (i) => labelled[i]!,
  );
  return {
    features: gatherRows(tokens, kept, width),
    shares: gatherRows(all, kept, classes),
    width,
    classes,
  };
}

/**
 * Segments images by votes: on each patch vote the `k` most similar train patches (cosine), with weight
 * `exp(similarity / temperature)` and the shares of their classes. The votes are bilinearly upsampled,
 * and a pixel is of the class with the most.
 *
 * @param side height and width of the masks, in pixels.
 * @param options k, default 20; temperature, default 0.07.
 * @returns `[images, side, side]`
 * @throws {UserError} where the tokens cannot be used, or have another width than the bank.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { patchKnnSegmentation } from "@hashigo/hashigo/metrics";
 * await startEngine();
 * const features = Float32Array.of(1, 0, 0, 1), shares = Float32Array.of(1, 0, 0, 1);
 * const bank = { features, shares, width: 2, classes: 2 };
 * const patches = { tokens: Float32Array.of(0, 3, 3, 0), grid: [1, 2], width: 2 } as const;
 * const classes = await patchKnnSegmentation(bank, patches, 2, { k: 1 });
 * if (classes.join() !== "1,0,1,0") throw new Error("The left half is of class 1");
 * ```
 */
export async function patchKnnSegmentation(
  bank: PatchBank,
  patches: PatchTokens,
  side: number,
  options: { readonly k?: number | undefined; readonly temperature?: number | undefined } = {},
): Promise<Uint8Array> {
  const images = countImages(patches, "segment images");
  const { tokens: features, grid, width } = patches, { classes } = bank;
  if (width !== bank.width) {
    throw new UserError(
      `Cannot segment images: found tokens of width ${width}, expected ${bank.width} as in the bank. ` +
        "Extract both with the same network.",
    );
  }
  const { temperature = 0.07 } = options;
  const k = Math.min(options.k ?? 20, bank.features.length / width);
  const votes = new Float32Array(images * grid[0] * grid[1] * classes);
  const parts = nearestNeighbours(bank, { features, width }, { k, normalize: true });
  for await (const { nearest: { similarities, indices }, from, rows } of parts) {
    for (let row = 0; row < rows; row++) {
      const sums = votes.subarray((from + row) * classes, (from + row + 1) * classes);
      let total = 0;
      for (let i = row * k; i < (row + 1) * k; i++) {
        const weight = Math.exp((similarities[i]! - similarities[row * k]!) / temperature);
        const at = indices[i]! * classes;
        for (let label = 0; label < classes; label++) {
          sums[label]! += weight * bank.shares[at + label]!;
        }
        total += weight;
      }
      for (let label = 0; label < classes; label++) sums[label]! /= total;
    }
  }
  return await mostVotes(votes, { images, grid, classes, side });
}

/** Of each patch of each image, `[patches, classes]`; a pixel is of the patch that its centre is in. */
function classShares(
  { masks, side, grid: [rows, columns], classes }: SegmentedPatches,
): Float32Array {
  const images = masks.length / side ** 2;
  const shares = new Float32Array(images * rows * columns * classes);
  const patchOf = (pixel: number, patches: number) => Math.floor((pixel + 0.5) * patches / side);
  const column = Array.from({ length: side }, (_, x) => patchOf(x, columns));
  for (let line = 0; line < images * side; line++) {
    const image = Math.floor(line / side);
    const first = (image * rows + patchOf(line % side, rows)) * columns;
    for (let x = 0; x < side; x++) {
      const label = masks[line * side + x]!;
      if (label < classes) shares[(first + column[x]!) * classes + label]!++;
    }
  }
  for (let at = 0; at < shares.length; at += classes) {
    const counts = shares.subarray(at, at + classes);
    const pixels = counts.reduce((sum, count) => sum + count, 0);
    if (pixels > 0) { for (let label = 0; label < classes; label++) counts[label]! /= pixels; }
  }
  return shares;
}

async function mostVotes(
  votes: Float32Array,
  options: { images: number; grid: Grid; classes: number; side: number },
): Promise<Uint8Array> {
  const { images, grid, classes, side } = options, tokens = grid[0] * grid[1];
  const size = tokens * classes;
  const result = new Uint8Array(images * side * side);
  for (let from = 0; from < images; from += chunkImages) {
    const part = votes.subarray(from * size, (from + chunkImages) * size);
    const labels = tf.tidy(() => {
      const maps = tf.tensor3d(part, [part.length / size, tokens, classes]);
      return tf.argMax(logitsAtSize(maps, grid, side), -1);
    });
    result.set(await labels.data<"int32">(), from * side * side);
    labels.dispose();
  }
  return result;
}
