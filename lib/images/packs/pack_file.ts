import { UserError } from "../../errors/user_error.ts";
import { holdFile } from "../../io/file_lock.ts";
import { readAt } from "../../io/positioned_file.ts";

/**
 * Decoded images of one size, read by position from an open file, so that the memory stays flat
 * however many there are.
 */
export interface ImagePack {
  /** Number of images. */
  readonly count: number;
  /** Side in pixels. */
  readonly canvas: number;
  /** Names of the classes, sorted. */
  readonly classes: readonly string[];
  /** Class of each image, `[count]`, positions in `classes`. */
  readonly labels: Int32Array;
  /** Names of the images relative to the split, `[count]`, sorted, such as "cat/001.png". */
  readonly names: readonly string[];
  /** SHA-256 over pixels, classes and labels, 64 hexadecimal digits. */
  readonly digest: string;
  /**
   * Numbers by which random views of the images are drawn and their features are kept, `[count]`: an image of
   * another run keeps that run's. Default: positions.
   */
  readonly addresses?: Int32Array | undefined;
  /** Images that could not be decoded and are replaced by a neighbour. Default: none. */
  readonly quarantined?: readonly QuarantinedImage[] | undefined;
  /** What was read and passed over where it was listed, in one line. Default: not known. */
  readonly listed?: string | undefined;
  /**
   * Reads the pixels of the images at these positions: `[indices, canvas, canvas, 3]`, 0 to 255.
   */
  read(indices: ArrayLike<number>): Uint8Array<ArrayBuffer>;
  /** Closes the file. */
  close(): void;
}

/** An image that could not be decoded. */
export interface QuarantinedImage {
  /** Its name in {@linkcode ImagePack.names}. */
  readonly name: string;
  /** The decoder's message. */
  readonly reason: string;
}

/** The description of a pack, stored as JSON before the pixels. */
export interface PackHeader {
  /** Side in pixels. */
  readonly canvas: number;
  /** Bytes of a pixel; default 3, red, green and blue. */
  readonly channels?: number | undefined;
  /** Names of the classes, sorted. */
  readonly classes: readonly string[];
  /** Class numbers of the images. */
  readonly labels: readonly number[];
  /** Names of the images. */
  readonly names: readonly string[];
  /** 64 hexadecimal digits; zeros while the file is being written. */
  readonly digest: string;
  /** Images that could not be decoded. Default: none. */
  readonly quarantined?: readonly QuarantinedImage[] | undefined;
}

const magic = new TextEncoder().encode("HASHIGO1");

/**
 * The first bytes of a pack file: eight bytes that name the format, the length of the header (32
 * bits, little-endian), the header as JSON. The pixels follow.
 *
 * @param length Least number of bytes, filled up with spaces, where the header will still grow.
 */
export function encodeHeader(header: PackHeader, length = 0): Uint8Array<ArrayBuffer> {
  const start = magic.length + 4;
  const shortest = new TextEncoder().encode(JSON.stringify(header));
  const json = new Uint8Array(Math.max(shortest.length, length - start)).fill(0x20);
  json.set(shortest);
  const bytes = new Uint8Array(start + json.length);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, json.length, true);
  bytes.set(json, start);
  return bytes;
}

/**
 * Opens a finished pack file.
 *
 * @returns undefined where there is no file, or not a whole pack file: the caller then makes it.
 */
export function openPackFile(path: string): ImagePack | undefined {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path);
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (absent) return undefined;
    throw error;
  }
  const start = readHeader(file);
  const imageBytes = start === undefined
    ? 0
    : start.header.canvas ** 2 * (start.header.channels ?? 3);
  if (
    start === undefined ||
    file.statSync().size !== start.end + start.header.names.length * imageBytes
  ) {
    file.close();
    return undefined;
  }
  holdFile(file);
  const { header, end } = start;
  const labels = Int32Array.from(header.labels);
  return {
    count: labels.length,
    canvas: header.canvas,
    classes: header.classes,
    labels,
    names: header.names,
    digest: header.digest,
    quarantined: header.quarantined ?? [],
    read: (indices) => readImages(file, { end, imageBytes, count: labels.length, path }, indices),
    close: () => file.close(),
  };
}

/** Whether there is a finished pack file at the path. */
export function isPackFile(path: string): boolean {
  const pack = openPackFile(path);
  pack?.close();
  return pack !== undefined;
}

function readHeader(file: Deno.FsFile): { header: PackHeader; end: number } | undefined {
  const start = new Uint8Array(magic.length + 4);
  if (
    readAt(file, 0, start) < start.length || magic.some((byte, i) => start[i] !== byte)
  ) return undefined;
  const length = new DataView(start.buffer).getUint32(magic.length, true);
  const json = new Uint8Array(length);
  if (readAt(file, start.length, json) < length) return undefined;
  try {
    return { header: JSON.parse(new TextDecoder().decode(json)), end: start.length + length };
  } catch {
    return undefined;
  }
}

function readImages(
  file: Deno.FsFile,
  pack: { end: number; imageBytes: number; count: number; path: string },
  indices: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(indices.length * pack.imageBytes);
  for (let from = 0, to = 0; from < indices.length; from = to) {
    const first = indices[from]!;
    // Neighbours are read at once: an evaluation reads images in order.
    for (to = from + 1; to < indices.length && indices[to] === first + to - from;) to++;
    if (!(Number.isInteger(first) && first >= 0 && first + to - from <= pack.count)) {
      throw new RangeError(
        `Cannot read image ${first + to - from - 1}: expected a position from 0 to ` +
          `${pack.count - 1}`,
      );
    }
    const part = pixels.subarray(from * pack.imageBytes, to * pack.imageBytes);
    if (readAt(file, pack.end + first * pack.imageBytes, part) < part.length) {
      throw new UserError(
        `Cannot read image ${first} of "${pack.path}": the file ends before it. It was changed ` +
          `while in use: start again, and it is made anew`,
      );
    }
  }
  return pixels;
}
