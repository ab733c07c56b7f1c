import { UserError } from "../../errors/user_error.ts";
import type { BrokenImage, DecodedChunk } from "./decode_chunk.ts";
import type { DecoderPool } from "./decoder_pool.ts";
import type { OpenPlace } from "../sources/source.ts";

/** Images, and bytes of their files and of their pixels, that go to a worker together. */
const chunkSize = 64, chunkBytes = 16 * 2 ** 20;

/** Starting workers takes longer than decoding a few images. */
export function defaultWorkers(images: number): number {
  return images < 4 * chunkSize ? 0 : Math.min(8, navigator.hardwareConcurrency);
}

/**
 * Keeps every worker busy and gives the pixels, `[images of a chunk, canvas, canvas, 3]`, in the
 * order of the images. However many there are, only a few chunks are in memory.
 *
 * @param images Positions among the files of the place.
 * @returns Chunks; what is broken is numbered among all `images`.
 */
export async function* decodeInOrder(
  pool: DecoderPool,
  place: OpenPlace,
  images: readonly { readonly file: number }[],
  canvas: number,
): AsyncGenerator<DecodedChunk> {
  const endOfChunk = (from: number) => {
    let bytes = 0, to = from;
    while (to < images.length && to - from < chunkSize && (to === from || bytes < chunkBytes)) {
      bytes += place.files[images[to++]!.file]!.size + canvas * canvas * 3;
    }
    return to;
  };
  const underWay: { from: number; answer: ReturnType<DecoderPool["decode"]> }[] = [];
  for (let from = 0; from < images.length || underWay.length > 0;) {
    while (from < images.length && underWay.length < pool.lanes) {
      const to = endOfChunk(from);
      const files = await Promise.all(images.slice(from, to).map(({ file }) => place.read(file)));
      const answer = pool.decode({ files, canvas });
      answer.catch(() => {}); // reported below, in order
      underWay.push({ from, answer });
      from = to;
    }
    const first = underWay.shift()!;
    const chunk = await first.answer;
    const broken = chunk.broken.map((one) => ({ ...one, index: first.from + one.index }));
    yield { pixels: chunk.pixels, broken };
  }
}

/**
 * The pixels alone, of images that all have to be whole.
 *
 * @throws {UserError} Where an image cannot be decoded; it is named.
 */
export async function* wholePixels(
  chunks: AsyncIterable<DecodedChunk>,
  place: OpenPlace,
  images: readonly { readonly file: number }[],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const { pixels, broken: [first] } of chunks) {
    if (first !== undefined) throw unreadable(place, images[first.index]!.file, first);
    yield pixels;
  }
}

/** The complaint about one broken image. */
export function unreadable(place: OpenPlace, file: number, { reason }: BrokenImage): UserError {
  const { name, size } = place.files[file]!;
  return new UserError(
    `Cannot decode the image "${name}" in the ${place.place}: ${reason} (${size} bytes). ` +
      `Expected a whole PNG, JPEG or WebP file. Replace or remove it and start again`,
  );
}
