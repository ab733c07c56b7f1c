import { UserError } from "../../errors/user_error.ts";
import type { BrokenImage, DecodedChunk, DecodeJob } from "./decode_chunk.ts";
import type { DecoderPool } from "./decoder_pool.ts";
import type { SourceFiles } from "../source_files.ts";

/** Most images that a worker decodes together, and most bytes of their files and pixels. */
const chunkSize = 64, chunkBytes = 16 * 2 ** 20;

/** Number of decoding workers by default: none for few images, as starting one takes longer. */
export function defaultWorkers(images: number): number {
  return images < 4 * chunkSize ? 0 : Math.min(8, navigator.hardwareConcurrency);
}

/**
 * Decodes images on all workers at once and yields their pixels,
 * `[images of a chunk, canvas, canvas, 3]`, in the order of the images. However many there are,
 * only a few chunks are in memory.
 *
 * @param images Positions in `source.files`.
 * @returns Chunks; the index of a broken image is its position in `images`.
 */
export async function* decodeInOrder(
  pool: DecoderPool,
  source: SourceFiles,
  images: readonly { readonly file: number }[],
  options: Omit<DecodeJob, "files">,
): AsyncGenerator<DecodedChunk> {
  const { canvas } = options;
  const endOfChunk = (from: number) => {
    let bytes = 0, to = from;
    while (to < images.length && to - from < chunkSize && (to === from || bytes < chunkBytes)) {
      bytes += source.files[images[to++]!.file]!.size + canvas * canvas * 3;
    }
    return to;
  };
  const pending: { from: number; decoded: Promise<DecodedChunk> }[] = [];
  for (let from = 0; from < images.length || pending.length > 0;) {
    while (from < images.length && pending.length < pool.lanes) {
      const to = endOfChunk(from);
      const files = await Promise.all(images.slice(from, to).map(({ file }) => source.read(file)));
      const decoded = pool.decode({ files, ...options });
      decoded.catch(() => {}); // awaited below, in order
      pending.push({ from, decoded });
      from = to;
    }
    const first = pending.shift()!;
    const { pixels, broken } = await first.decoded;
    yield {
      pixels,
      broken: broken.map((image) => ({ ...image, index: first.from + image.index })),
    };
  }
}

/**
 * The pixels of images that must all be whole, chunk by chunk.
 *
 * @throws {UserError} Where an image cannot be decoded, with its name.
 */
export async function* wholePixels(
  chunks: AsyncIterable<DecodedChunk>,
  source: SourceFiles,
  images: readonly { readonly file: number }[],
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const { pixels, broken: [first] } of chunks) {
    if (first !== undefined) throw unreadableImage(source, images[first.index]!.file, first);
    yield pixels;
  }
}

/** The error for an image that cannot be decoded. */
export function unreadableImage(
  source: SourceFiles,
  file: number,
  { reason }: BrokenImage,
): UserError {
  const { name, size } = source.files[file]!;
  return new UserError(
    `Cannot decode the image "${name}" (${size} bytes) in the ${source.description}: ${reason}. ` +
      `Replace or remove it and start again`,
  );
}
