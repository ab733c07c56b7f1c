/**
 * Unreadable images of a set: replaced, listed, and limited in number.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import type { BrokenImage, DecodedChunk } from "../codec/decode_chunk.ts";
import type { QuarantinedImage } from "./pack_file.ts";

/** Share of the images of a set that may be unreadable by default. */
export const defaultQuarantine = 0.01;

/** Characters of a reason that are kept. */
const longestReason = 200;

/**
 * Replaces each broken image by the last whole image before it, and those before the first whole
 * image by that one. The result does not depend on the workers, and the replacement is mostly of
 * the same class.
 *
 * @param size Bytes of an image.
 * @param onBroken Called with each broken image, in order; an error of it ends the generator.
 */
export async function* replaceBroken(
  chunks: AsyncIterable<DecodedChunk>,
  size: number,
  onBroken: (image: BrokenImage) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let whole: Uint8Array<ArrayBuffer> | undefined;
  let [from, postponed] = [0, 0];
  for await (const { pixels, broken } of chunks) {
    broken.forEach(onBroken);
    const count = pixels.length / size;
    const brokenIndices = new Set(broken.map(({ index }) => index - from));
    from += count;
    if (whole === undefined) {
      const first = Array.from({ length: count }, (_, i) => i).find((i) => !brokenIndices.has(i));
      if (first === undefined) {
        postponed += count;
        continue;
      }
      whole = pixels.slice(first * size, (first + 1) * size);
      for (; postponed > 0; postponed--) yield whole;
    }
    for (let i = 0; i < count; i++) {
      const image = pixels.subarray(i * size, (i + 1) * size);
      if (brokenIndices.has(i)) image.set(whole);
      else whole = image;
    }
    whole = whole.slice(); // the receiver may change the pixels
    yield pixels;
  }
}

/** A broken image as a pack lists it: the reason is one line of plain characters. */
export function quarantineEntry(name: string, { reason }: BrokenImage): QuarantinedImage {
  return { name, reason: reason.replace(/[^ !#-[\]-~]/g, "?").slice(0, longestReason) };
}

/** Most bytes of JSON that `allowed` quarantined images take. */
export function quarantineBytes(names: readonly string[], allowed: number): number {
  if (allowed === 0) return 0;
  const encoder = new TextEncoder();
  let longest = 0;
  for (const name of names) {
    longest = Math.max(longest, encoder.encode(JSON.stringify(name)).length);
  }
  return 100 + allowed * (longest + longestReason + 30);
}

/** Throws where more images are broken than allowed: a {@linkcode UserError} that lists them. */
export function assertQuarantine(
  description: string,
  broken: readonly QuarantinedImage[],
  { allowed, count }: { readonly allowed: number; readonly count: number },
): void {
  if (broken.length <= allowed) return;
  const shown = broken.slice(0, 20).map(({ name, reason }) => `\n  ${name}: ${reason}`).join("");
  throw new UserError(
    `Cannot use the ${description}: found at least ${broken.length} unreadable images, expected at most ` +
      `${allowed} of ${count}. Replace or remove them, or allow more:${shown}`,
  );
}
