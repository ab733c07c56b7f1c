import sharp from "sharp";
import { readBmpHeader, readBmpIndices } from "./bmp.ts";
import type { Picture } from "./open_picture.ts";
import { readPngHeader, readPngValues } from "./png_values.ts";

/** How anyone turns a mask of another kind into one that is read. */
const advice =
  "Save it as PNG, grey or with a palette, whose values are the classes; Pillow keeps " +
  'values: Image.open(MASK).save("MASK.png")';

/**
 * Reads the value of every pixel of a mask as the file stores it, `[height, width]`.
 *
 * @throws {Error} Where the file is damaged, or what a pixel's value is cannot be told.
 */
export async function readMaskValues(file: Uint8Array, picture: Picture): Promise<Uint8Array> {
  if (picture.format === "png") {
    const header = readPngHeader(file);
    const hasOneValue = header.colourType === 0 || header.colourType === 3;
    if (hasOneValue && !header.isInterlaced) return asBytes(readPngValues(file, header));
  }
  if (picture.format === "bmp") {
    const header = readBmpHeader(file);
    if (header.bits <= 8) return readBmpIndices(file, header);
  }
  if (!["png", "bmp", "tiff"].includes(picture.format)) {
    throw new Error(`the mask is a ${picture.format} file, which may change values. ${advice}`);
  }
  return await readThroughColours(file, picture);
}

/** Values up to 255. */
function asBytes(values: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > 255) {
      throw new Error(`the mask holds the value ${value}, expected at most 255. ${advice}`);
    }
    bytes[i] = value;
  }
  return bytes;
}

/** Grey of 8 bits, or three equal channels. */
async function readThroughColours(file: Uint8Array, picture: Picture): Promise<Uint8Array> {
  const { bits, isPalette } = picture.format === "bmp"
    ? { bits: 8, isPalette: false }
    : await bitsOf(file);
  if (bits !== 8 || isPalette) {
    throw new Error(
      `the mask is a ${picture.format} file of ${bits} bits${
        isPalette ? " with a palette" : ""
      }, ` +
        `whose values are read of plain PNG alone. ${advice}`,
    );
  }
  const opened = picture.format === "bmp"
    ? await picture.open()
    : sharp(file, { limitInputPixels: false, failOn: "error", ignoreIcc: true });
  const { data, info: { channels } } = await opened.raw().toBuffer({ resolveWithObject: true });
  if (channels !== 1 && channels !== 3) {
    throw new Error(`the mask has ${channels} channels, expected one. ${advice}`);
  }
  const values = new Uint8Array(data.length / channels);
  for (let i = 0; i < values.length; i++) {
    const at = i * channels, value = data[at]!;
    if (channels === 3 && (data[at + 1] !== value || data[at + 2] !== value)) {
      const colour = data.subarray(at, at + 3).join(", ");
      throw new Error(`the mask has colours, such as ${colour}, not classes. ${advice}`);
    }
    values[i] = value;
  }
  return values;
}

async function bitsOf(file: Uint8Array) {
  const { bitsPerSample, depth, isPalette } = await sharp(file, { limitInputPixels: false })
    .metadata();
  return { bits: bitsPerSample ?? (depth === "uchar" ? 8 : 16), isPalette };
}
