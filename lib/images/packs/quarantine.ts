/** Broken images among many: replaced, counted, and too many of them refused. */
import { UserError } from "../../errors/user_error.ts";
import type { BrokenImage, DecodedChunk } from "../codec/decode_chunk.ts";
import type { QuarantinedImage } from "./pack_file.ts";

/** Share of the images of a set that may be unreadable, where nobody says another. */
export const defaultQuarantine = 0.01;

/** Characters of a reason that are kept. */
const longestReason = 200;

/**
 * Puts the last whole image before it in the place of a broken one, and the first whole one in the
 * place of those before that: the same whatever the workers, and mostly of the same class.
 *
 * @param size Bytes of an image.
 * @param onBroken Told of each, in order; what it throws ends the work.
 */
export async function* replaceBroken(
  chunks: AsyncIterable<DecodedChunk>,
  size: number,
  onBroken: (image: BrokenImage) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let whole: Uint8Array<ArrayBuffer> | undefined;
  let [from, waiting] = [0, 0];
  for await (const { pixels, broken } of chunks) {
    broken.forEach(onBroken);
    const count = pixels.length / size;
    const places = new Set(broken.map(({ index }) => index - from));
    from += count;
    if (whole === undefined) {
      const first = Array.from({ length: count }, (_, i) => i).find((i) => !places.has(i));
      if (first === undefined) {
        waiting += count;
        continue;
      }
      whole = pixels.slice(first * size, (first + 1) * size);
      for (; waiting > 0; waiting--) yield whole;
    }
    for (let i = 0; i < count; i++) {
      const place = pixels.subarray(i * size, (i + 1) * size);
      if (places.has(i)) place.set(whole);
      else whole = place;
    }
    whole = whole.slice(); // The pixels are the receiver's from now on.
    yield pixels;
  }
}

/** A reason as it is kept: one line of plain characters. */
export function quarantined(name: string, { reason }: BrokenImage): QuarantinedImage {
  return { name, reason: reason.replace(/[^ !#-[\]-~]/g, "?").slice(0, longestReason) };
}

/** Bytes of JSON that so many quarantined images take at most. */
export function quarantineBytes(names: readonly string[], allowed: number): number {
  if (allowed === 0) return 0;
  const encoder = new TextEncoder();
  let longest = 0;
  for (const name of names) {
    longest = Math.max(longest, encoder.encode(JSON.stringify(name)).length);
  }
  return 100 + allowed * (longest + longestReason + 30);
}

/** @throws {UserError} Where more images are broken than may be, with a list of them. */
export function assertQuarantine(
  place: string,
  found: readonly QuarantinedImage[],
  { allowed, count }: { readonly allowed: number; readonly count: number },
): void {
  if (found.length <= allowed) return;
  const shown = found.slice(0, 20).map(({ name, reason }) => `\n  ${name}: ${reason}`).join("");
  throw new UserError(
    `Cannot use the ${place}: found at least ${found.length} unreadable images, expected at most ` +
      `${allowed} of ${count}. Replace or remove them, or allow more:${shown}`,
  );
}
