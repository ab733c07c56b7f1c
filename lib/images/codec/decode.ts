import sharp from "sharp";

/** Images of more pixels are refused: a small file can claim to hold gigabytes. */
export const maximumPixels = 100e6;

/** Versions of the decoder, part of the key of a pack: another decoder may give other bytes. */
export const decoderVersion = `sharp ${sharp.versions.sharp}, vips ${sharp.versions.vips}`;

// The images are small and each is decoded once: sharp's own threads and cache only cost time.
sharp.concurrency(1);
sharp.cache(false);

/**
 * Decodes a PNG, JPEG or WebP file to `[canvas, canvas, 3]` bytes in sRGB: turned upright by its
 * EXIF orientation, the shorter side resized to `canvas` (Lanczos), the centre cut out. Grey
 * becomes three equal channels, 16 bits become 8, CMYK becomes RGB, and an alpha channel is
 * dropped.
 *
 * @param file The bytes of the file.
 * @param canvas Side of the result in pixels.
 * @throws {Error} With the decoder's message, where the file is damaged or is no image.
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
export async function decodeImage(file: Uint8Array, canvas: number): Promise<Uint8Array> {
  const { data, info } = await sharp(file, { limitInputPixels: maximumPixels, failOn: "error" })
    .autoOrient()
    .resize(canvas, canvas, { fit: "cover", position: "centre", kernel: "lanczos3" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels === 3) return data;
  if (info.channels !== 1) throw new Error(`${info.channels} colour channels, expected 1 or 3`);
  const pixels = new Uint8Array(3 * data.length);
  data.forEach((grey, i) => pixels.fill(grey, 3 * i, 3 * i + 3));
  return pixels;
}

/**
 * Reads the width and height in pixels of an image turned upright, without decoding it.
 *
 * @throws {Error} With the decoder's message, where the file is no image.
 */
export async function readImageSize(file: Uint8Array): Promise<{ width: number; height: number }> {
  return (await sharp(file, { limitInputPixels: maximumPixels }).metadata()).autoOrient;
}
