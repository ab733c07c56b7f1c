import sharp from "sharp";
import { defaultMaximumPixels } from "./decode_options.ts";

/**
 * Decodes a grey PNG whose values are classes to `[canvas, canvas]` bytes: the centre square that
 * {@linkcode decodeImage} cuts out of an image, by nearest neighbour, so that no value is invented.
 *
 * @param size Size in pixels of the image that the mask belongs to, upright.
 * @throws {Error} Where the mask is damaged, is not grey of 8 bits, or differs in size from its
 *   image.
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
  size: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  const picture = sharp(file, { limitInputPixels: defaultMaximumPixels, failOn: "error" });
  const { width, height, channels, depth, bitsPerSample, isPalette } = await picture.metadata();
  if (width !== size.width || height !== size.height) {
    throw new Error(
      `the mask has ${width} x ${height} pixels and its image ${size.width} x ${size.height}, ` +
        "expected the same size",
    );
  }
  if (channels !== 1 || depth !== "uchar" || (bitsPerSample ?? 8) !== 8) {
    throw new Error(
      `the mask has ${channels} channels of ${bitsPerSample ?? 8} bits` +
        `${isPalette ? " and a palette" : ""}, expected one grey channel of 8 bits whose values ` +
        "are the classes",
    );
  }
  const data = await picture.toColourspace("b-w").raw({ depth: "uchar" }).toBuffer();
  const side = Math.min(width, height);
  const sourceOf = (position: number, length: number) =>
    Math.floor((length - side) / 2 + (position + 0.5) * side / canvas);
  const mask = new Uint8Array(canvas * canvas);
  for (let row = 0; row < canvas; row++) {
    const line = sourceOf(row, height) * width;
    for (let column = 0; column < canvas; column++) {
      mask[row * canvas + column] = data[line + sourceOf(column, width)]!;
    }
  }
  return mask;
}
