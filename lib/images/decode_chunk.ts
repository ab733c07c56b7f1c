import { decodeImage } from "./decode.ts";

/** A few files to decode, in order. */
export interface DecodeJob {
  readonly files: readonly Uint8Array<ArrayBuffer>[];
  /** Side in pixels. */
  readonly canvas: number;
}

/** The pixels `[files, canvas, canvas, 3]`, or the first file that could not be decoded, and why. */
export type DecodedChunk =
  | { readonly pixels: Uint8Array<ArrayBuffer> }
  | { readonly failed: number; readonly reason: string };

/**
 * Decodes the files of one job. A damaged file is a value, not an error, so that it can cross from
 * a worker to the main thread.
 */
export async function decodeChunk({ files, canvas }: DecodeJob): Promise<DecodedChunk> {
  const size = canvas * canvas * 3;
  const pixels = new Uint8Array(files.length * size);
  for (const [index, file] of files.entries()) {
    try {
      pixels.set(await decodeImage(file, canvas), index * size);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { failed: index, reason: reason.trim().split("\n")[0] ?? "" };
    }
  }
  return { pixels };
}
