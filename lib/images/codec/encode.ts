import sharp from "sharp";
import { decodeImage } from "./decode.ts";

/** Shape of the pixels that {@linkcode encodePng} writes, and their enlargement. */
export interface EncodeOptions {
  /** Rows of the pixels. */
  readonly rows: number;
  /** Columns of the pixels. */
  readonly columns: number;
  /** Side in pixels of the square that each pixel becomes. Default 1. */
  readonly enlarge?: number | undefined;
}

/**
 * Encodes pixels as PNG, without loss.
 *
 * @param pixels `[rows, columns, 3]`, 0 to 255, sRGB.
 * @throws {Error} Where there are not `rows * columns * 3` numbers.
 *
 * @example
 * ```ts
 * import { decodeImage, encodePng } from "@hashigo/hashigo/images";
 * const red = await encodePng(Uint8Array.of(255, 0, 0), { rows: 1, columns: 1, enlarge: 2 });
 * if ((await decodeImage(red, 2)).length !== 12) throw new Error("Four pixels");
 * ```
 */
export async function encodePng(
  pixels: Uint8Array,
  { rows, columns, enlarge = 1 }: EncodeOptions,
): Promise<Uint8Array> {
  const raw = { width: columns, height: rows, channels: 3 } as const;
  const size = [columns * enlarge, rows * enlarge] as const;
  return await sharp(pixels, { raw }).resize(...size, { kernel: "nearest" }).png().toBuffer();
}

/** A PNG as a data URL, for pages and notebooks. */
export function pngDataUrl(png: Uint8Array): string {
  return `data:image/png;base64,${png.toBase64()}`;
}

/**
 * A small JPEG of an image file, for pages: the square in its middle, as {@linkcode decodeImage} takes it.
 *
 * @throws {Error} Where the file is no image.
 */
export async function thumbnail(file: Uint8Array, side: number): Promise<Uint8Array> {
  const pixels = await decodeImage(file, side);
  const raw = { width: side, height: side, channels: 3 } as const;
  return await sharp(pixels, { raw }).jpeg({ quality: 82 }).toBuffer();
}

/** A JPEG as a data URL. */
export function jpegDataUrl(jpeg: Uint8Array): string {
  return `data:image/jpeg;base64,${jpeg.toBase64()}`;
}
