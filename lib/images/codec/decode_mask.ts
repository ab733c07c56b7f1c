import { middleOf } from "./middle.ts";
import { openPicture } from "./open_picture.ts";
import { exchangesSides, turnUpright } from "./orientation.ts";
import { readMaskValues } from "./mask_values.ts";

/** The image that a mask belongs to. */
export interface MaskedImage {
  /** Columns of the image turned upright. */
  readonly width: number;
  /** Rows of the image turned upright. */
  readonly height: number;
  /** The EXIF orientation by which it is turned, 1 to 8. Default: 1, not at all. */
  readonly orientation?: number | undefined;
}

/**
 * Decodes a mask, whose values are classes, to `[canvas, canvas]` bytes: the middle square that
 * {@linkcode decodeImage} cuts out of an image, by nearest neighbour, so that no value is invented. Grey
 * files give their values (of 1 bit 0 and 1), files with a palette the numbers of its colours, files with
 * three equal channels the value of one.
 *
 * Where the image is turned by its EXIF orientation, a mask of the size that the image had before is
 * turned with it; one of the size after is not; a mask with an orientation of its own is turned by that.
 *
 * @throws {Error} Where the mask is damaged, has colours or values above 255, differs in size from its
 *   image, or where there is no telling whether to turn it.
 *
 * @example
 * ```ts
 * import { decodeMask } from "@hashigo/hashigo/images";
 * import sharp from "sharp";
 * const raw = { width: 4, height: 2, channels: 1 } as const;
 * const values = Uint8Array.of(9, 1, 2, 9, 9, 3, 4, 9);
 * const file = await sharp(values, { raw }).toColourspace("b-w").png().toBuffer();
 * const mask = await decodeMask(file, 2, { width: 4, height: 2 });
 * if (mask.join() !== "1,2,3,4") throw new Error("Expected the middle");
 * ```
 */
export async function decodeMask(
  file: Uint8Array,
  canvas: number,
  image: MaskedImage,
  options: { readonly maximumPixels?: number | undefined } = {},
): Promise<Uint8Array> {
  const picture = await openPicture(file, options.maximumPixels);
  const orientation = orientationOf(picture, image);
  const values = await readMaskValues(file, picture);
  const { width } = picture;
  const { left, top, width: side } = middleOf(picture);
  const sourceOf = (start: number, position: number) =>
    Math.floor(start + (position + 0.5) * side / canvas);
  const mask = new Uint8Array(canvas * canvas);
  for (let row = 0; row < canvas; row++) {
    const line = sourceOf(top, row) * width;
    for (let column = 0; column < canvas; column++) {
      mask[row * canvas + column] = values[line + sourceOf(left, column)]!;
    }
  }
  return turnUpright(mask, { side: canvas, channels: 1 }, orientation);
}

interface Shape {
  readonly width: number;
  readonly height: number;
  readonly orientation: number;
}

/** The orientation by which a mask is turned. */
function orientationOf(mask: Shape, image: MaskedImage): number {
  const { orientation: turn = 1 } = image;
  const hasSize = (width: number, height: number) => mask.width === width && mask.height === height;
  if (mask.orientation !== 1) {
    const { width, height } = image;
    if (exchangesSides(mask.orientation) ? hasSize(height, width) : hasSize(width, height)) {
      return mask.orientation;
    }
  } else if (turn === 1) {
    if (hasSize(image.width, image.height)) return 1;
  } else if (exchangesSides(turn) && image.width !== image.height) {
    if (hasSize(image.width, image.height)) return 1;
    if (hasSize(image.height, image.width)) return turn;
  } else if (hasSize(image.width, image.height)) {
    throw new Error(
      `the image is turned by its EXIF orientation ${turn}, and the mask has the same size before ` +
        "and after, so that there is no telling whether to turn it. Save the image upright, without " +
        "an orientation, or give the mask the same one",
    );
  }
  throw new Error(
    `the mask has ${mask.width} x ${mask.height} pixels and its image ${image.width} x ` +
      `${image.height}${
        turn === 1 ? "" : `, turned by its EXIF orientation ${turn}`
      }, expected the ` +
      "same size",
  );
}
