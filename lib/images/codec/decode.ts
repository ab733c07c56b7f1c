import sharp from "sharp";
import {
  type DecodeOptions,
  defaultBackground,
  defaultMaximumPixels,
  parseColour,
} from "./decode_options.ts";
import { openPicture, type Picture } from "./open_picture.ts";
import { asColours, inkToColours, layOnGround } from "./ground.ts";
import { middleOf } from "./middle.ts";
import { nearSize } from "./near_size.ts";
import { exchangesSides, turnUpright } from "./orientation.ts";
import { type Box, type Raster, resizeToSquare } from "./resize.ts";

/** Versions of the decoder, part of the key of a pack: another decoder may give other bytes. */
export const decoderVersion =
  `bicubic 2, sharp ${sharp.versions.sharp}, vips ${sharp.versions.vips}, libheif-js 1.23.2`;

/**
 * Decodes an image file to `[canvas, canvas, 3]` bytes in sRGB: PNG, JPEG, WebP, GIF, TIFF, AVIF, BMP
 * or HEIC, of several frames or pages the first. The result is the largest square in the middle of the
 * image, turned upright by its EXIF orientation, resized by antialiased bicubic convolution. Transparent
 * pixels are laid on a ground of one colour, at the file's own size. Grey becomes three equal channels,
 * 16 bits become 8, CMYK and other profiles become sRGB.
 *
 * @param file The bytes of the file.
 * @param canvas Side of the result in pixels.
 * @throws {Error} With the decoder's message, where the file is damaged, is no image, has more pixels
 *   than allowed, or holds 16-bit values of which only the lowest 12 bits are used.
 *
 * @example
 * ```ts
 * import { decodeImage } from "@hashigo/hashigo/images";
 * import sharp from "sharp";
 * const create = { width: 6, height: 4, channels: 3, background: "#ff0000" } as const;
 * const file = await sharp({ create }).png().toBuffer();
 * const pixels = await decodeImage(file, 2);
 * if (pixels.join() !== "255,0,0,255,0,0,255,0,0,255,0,0") throw new Error("Expected red");
 * ```
 */
export async function decodeImage(
  file: Uint8Array,
  canvas: number,
  options: DecodeOptions = {},
): Promise<Uint8Array> {
  const { background = defaultBackground, maximumPixels = defaultMaximumPixels } = options;
  const ground = parseColour(background);
  const picture = await openPicture(file, maximumPixels);
  if (picture.isDeep) await assertBitsUsed(file);
  const { raster, box } = await decodeNear(picture, canvas);
  const opaque = picture.isInk ? inkToColours(raster) : layOnGround(raster, ground);
  const square = resizeToSquare(opaque, box, canvas);
  const upright = turnUpright(
    square,
    { side: canvas, channels: opaque.channels },
    picture.orientation,
  );
  return opaque.channels === 3 ? upright : asColours(upright);
}

/**
 * Reads the width and height in pixels of an image turned upright, and the EXIF orientation (1 to 8)
 * by which it is turned, without decoding it.
 *
 * @throws {Error} With the decoder's message, where the file is no image.
 */
export async function readImageSize(
  file: Uint8Array,
): Promise<{ width: number; height: number; orientation: number }> {
  const { width, height, orientation } = await openPicture(file, Infinity);
  return exchangesSides(orientation)
    ? { width: height, height: width, orientation }
    : { width, height, orientation };
}

/**
 * Decodes a picture at its own size, or near twice the canvas where it is much larger, which takes a
 * fraction of the time: what is kept is where its middle square lies in the result.
 */
async function decodeNear(
  picture: Picture,
  canvas: number,
): Promise<{ readonly raster: Raster; readonly box: Box }> {
  const square = middleOf(picture);
  const near = nearSize(picture, square.width / canvas);
  const opened = await picture.open();
  if (near !== undefined) {
    const { width, height, fastShrinkOnLoad } = near;
    opened.resize(width, height, { fit: "fill", kernel: "cubic", fastShrinkOnLoad });
  }
  const { data, info } = await opened.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const [x, y] = near === undefined ? [1, 1] : [width / near.spanned[0], height / near.spanned[1]];
  return {
    raster: { data, width, height, channels },
    box: {
      left: square.left * x,
      top: square.top * y,
      width: square.width * x,
      height: square.height * y,
    },
  };
}

/**
 * Refuses 16-bit files whose values have only 12 bits, as scanners and cameras write them: read as they
 * are, they would be black.
 */
async function assertBitsUsed(file: Uint8Array): Promise<void> {
  const { channels, isOpaque } = await sharp(file, { limitInputPixels: false }).stats();
  const colours = isOpaque || channels.length % 2 === 1 ? channels : channels.slice(0, -1);
  const most = Math.max(...colours.map(({ max }) => max));
  if (most === 0 || most >= 2 ** 12) return;
  throw new Error(
    `found values of 16 bits that reach only ${most} of 65535, so that the image would be all but ` +
      `black. Multiply them by ${
        Math.floor(65535 / (2 ** Math.ceil(Math.log2(most + 1)) - 1))
      }, or ` +
      "convert the image to 8 bits",
  );
}
