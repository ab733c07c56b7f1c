/** Frozen patch tokens of many images, as dense metrics take them. */
import type { Grid } from "../../nn/token_grid.ts";
import { metricRefusal } from "../refusal.ts";
import { ignoredPixel } from "./segmentation_score.ts";

/** Patch tokens of many images by one network. */
export interface PatchTokens {
  /** `[images, rows * columns, width]`, row-major; patches row by row. */
  readonly tokens: Float32Array;
  /** `[images, width]`: of whole images, where the network has a CLS token. */
  readonly cls?: Float32Array | undefined;
  /** Rows and columns of patches that together cover an image. */
  readonly grid: Grid;
  /** Numbers per token. */
  readonly width: number;
}

/** Tokens of images whose pixels have a class. */
export interface SegmentedPatches extends PatchTokens {
  /** `[images, side, side]`, class numbers, {@linkcode ignoredPixel} where there is none. */
  readonly masks: Uint8Array;
  /** Height and width of a mask, in pixels. */
  readonly side: number;
  /** Number of classes. */
  readonly classes: number;
}

/**
 * Counts images and checks their tokens.
 *
 * @param attempt what messages name, such as "fit a segmentation head".
 * @throws {UserError} where tokens do not fill their grids, there are none, or one is not finite.
 */
export function countImages({ tokens, cls, grid, width }: PatchTokens, attempt: string): number {
  const size = grid[0] * grid[1] * width, images = tokens.length / size;
  if (!(Number.isSafeInteger(images) && images > 0)) {
    throw metricRefusal(
      attempt,
      `found ${tokens.length} numbers, expected ${grid[0]} x ${
        grid[1]
      } tokens of ${width} numbers ` +
        "for each of at least one image",
      "Give the grid and the width of the network that made them",
    );
  }
  if (cls !== undefined && cls.length !== images * width) {
    throw metricRefusal(
      attempt,
      `found ${cls.length} numbers of CLS, expected ${width} for each of ${images} images`,
      "Extract both kinds of tokens from the same images",
    );
  }
  for (const [values, perImage] of [[tokens, size], [cls ?? [], width]] as const) {
    const broken = values.findIndex((value) => !Number.isFinite(value));
    if (broken < 0) continue;
    throw metricRefusal(
      attempt,
      `the features of image ${Math.floor(broken / perImage)} hold ${values[broken]}, expected ` +
        "finite numbers",
      "The network may be damaged, or its run diverged: train or fetch it again",
    );
  }
  return images;
}

/**
 * Counts images and checks their tokens, as {@linkcode countImages} does, and their masks.
 *
 * @throws {UserError} also where masks are of another size, or hold numbers that are no classes.
 */
export function countSegmentedImages(set: SegmentedPatches, attempt: string): number {
  const { masks, side, classes } = set, images = countImages(set, attempt);
  if (masks.length !== images * side * side) {
    throw metricRefusal(
      attempt,
      `found masks of ${masks.length} pixels in all, expected ${side} x ${side} for each of ` +
        `${images} images`,
      "Resize the masks to one size, by nearest neighbour",
    );
  }
  const broken = masks.findIndex((label) => label >= classes && label !== ignoredPixel);
  if (broken < 0) return images;
  throw metricRefusal(
    attempt,
    `the mask of image ${Math.floor(broken / side ** 2)} holds ${
      masks[broken]
    }, expected classes ` +
      `from 0 to ${classes - 1}, or ${ignoredPixel} for pixels to ignore`,
    "Name the values of the masks in the manifest, or ignore them",
  );
}
