import { decodeImage } from "./decode.ts";
import type { DecodeOptions } from "./decode_options.ts";

/** A few image files to decode, in order. */
export interface DecodeJob extends DecodeOptions {
  readonly files: readonly Uint8Array<ArrayBuffer>[];
  /** Side of the results in pixels. */
  readonly canvas: number;
}

/** A file that could not be decoded. */
export interface BrokenImage {
  /** Its position among the files of the job. */
  readonly index: number;
  /** The decoder's message, one line. */
  readonly reason: string;
}

/** The pixels `[files, canvas, canvas, 3]`, black where a file is broken. */
export interface DecodedChunk {
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Files that could not be decoded, in order. */
  readonly broken: readonly BrokenImage[];
}

/**
 * Decodes the files of one job. A damaged file is a value, not an error, so that it can cross from
 * a worker to the main thread.
 */
export async function decodeChunk(
  { files, canvas, ...options }: DecodeJob,
): Promise<DecodedChunk> {
  const size = canvas * canvas * 3;
  const pixels = new Uint8Array(files.length * size);
  const broken: BrokenImage[] = [];
  const begin = (file: Uint8Array | undefined) => {
    const decoding = file && decodeImage(file, canvas, options);
    // Awaited in its turn.
    decoding?.catch(() => {});
    return decoding;
  };
  let next = begin(files[0]);
  for (let index = 0; next !== undefined; index++) {
    const decoding = next;
    // sharp decodes it on a thread of its own, while this one shrinks the image before.
    next = begin(files[index + 1]);
    try {
      pixels.set(await decoding, index * size);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      broken.push({ index, reason: reason.trim().split("\n")[0] ?? "" });
    }
  }
  return { pixels, broken };
}
