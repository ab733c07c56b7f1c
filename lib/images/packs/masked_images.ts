/** Images with a class for every pixel. */
import { createHash } from "node:crypto";
import { UserError } from "../../errors/user_error.ts";
import { makeCacheFile, writeAt } from "../../io/cache_file.ts";
import { decodeImage, decoderVersion, sizeOfImage } from "../codec/decode.ts";
import { decodeMask } from "../codec/decode_mask.ts";
import { type MaskedPlaces, pairMasks } from "../sources/mask_pairs.ts";
import { defaultCache } from "./pack.ts";
import { encodeHeader, isPackFile, openPackFile, type PackHeader } from "./pack_file.ts";
import { type OpenPlace, openPlace } from "../sources/source.ts";

/** Images of one size with a class for every pixel, read by position. */
export interface MaskedImages {
  /** Number of images. */
  readonly count: number;
  /** Side in pixels. */
  readonly canvas: number;
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
  /** SHA-256 of all pixels and masks. */
  readonly digest: string;
  /** `[count]`, names of the images. */
  readonly names: readonly string[];
  /**
   * The images at these positions: `pixels [indices, canvas, canvas, 3]` from 0 to 255, and
   * `masks [indices, canvas, canvas]`, class numbers, 255 where a pixel is to be ignored.
   */
  read(
    indices: ArrayLike<number>,
  ): { readonly pixels: Uint8Array<ArrayBuffer>; readonly masks: Uint8Array<ArrayBuffer> };
  /** Closes what is open. */
  close(): void;
}

/** Where images and masks lie, and what the masks say. */
export interface MaskedSource extends MaskedPlaces {
  /** Folder or zip file. */
  readonly path: string;
  /** Names of the classes, by number; at most 255. */
  readonly classes: readonly string[];
  /** The class number of each value of the masks. */
  readonly values: ReadonlyMap<number, number>;
  /** Values that are to be ignored. */
  readonly ignore: readonly number[];
}

/** Options of {@linkcode packMaskedImages}. */
export interface MaskedPackOptions {
  /** Side in pixels at which images and masks are kept. */
  readonly canvas: number;
  /** Folder for packs. Default: `images` in this user's cache folder for hashigo. */
  readonly cache?: string | undefined;
  /** Use only so many images, evenly spread over the names. Default: all. */
  readonly limit?: number | undefined;
}

/** Changes whenever the bytes of a pack would. */
const format = "masked images 1";
/** Images that are decoded at a time. */
const together = 8;

/**
 * Decodes images and their masks once, to one square, and opens the result, which is kept in a cache
 * file as by {@linkcode packImages}. An image and its mask have the same name but for the ending.
 *
 * @throws {UserError} where the source is missing, an image lacks a mask or a mask its image, one
 * cannot be decoded, a mask has another size than its image, or a value that is no class.
 *
 * @example
 * ```ts ignore
 * const set = await packMaskedImages({
 *   path: "roads.zip", images: "images/train", masks: "labels/train",
 *   classes: ["sky", "road"], values: new Map([[0, 0], [1, 1]]), ignore: [255],
 * }, { canvas: 224 });
 * const { masks } = set.read([0]);
 * ```
 */
export async function packMaskedImages(
  source: MaskedSource,
  options: MaskedPackOptions,
): Promise<MaskedImages> {
  const { canvas, limit = Infinity, cache = defaultCache() } = options;
  const place = await openPlace(source.path);
  try {
    const all = pairMasks(place, source);
    const pairs = all.length <= limit
      ? all
      : Array.from({ length: limit }, (_, i) => all[Math.floor(i * all.length / limit)]!);
    const path = `${cache}/${cacheKey(place, source, pairs, canvas)}.pack`;
    if (!isPackFile(path)) {
      await makeCacheFile(path, {
        write: (file) => writePack(file, place, source, { pairs, canvas }),
        isWhole: () => isPackFile(path),
      });
    }
    return openMaskedPack(path);
  } finally {
    place.close();
  }
}

function openMaskedPack(path: string): MaskedImages {
  const pack = openPackFile(path);
  if (pack === undefined) throw new Error(`"${path}" is not the pack that was just written`);
  const { count, canvas, classes, names, digest } = pack, size = canvas * canvas;
  return {
    count,
    canvas,
    classes,
    names,
    digest,
    read(indices) {
      const bytes = pack.read(indices);
      const pixels = new Uint8Array(indices.length * size * 3);
      const masks = new Uint8Array(indices.length * size);
      for (let i = 0; i < indices.length; i++) {
        const from = i * size * 4;
        pixels.set(bytes.subarray(from, from + size * 3), i * size * 3);
        masks.set(bytes.subarray(from + size * 3, from + size * 4), i * size);
      }
      return { pixels, masks };
    },
    close: () => pack.close(),
  };
}

type Pairs = ReturnType<typeof pairMasks>;

function cacheKey(
  place: OpenPlace,
  { classes, values, ignore }: MaskedSource,
  pairs: Pairs,
  canvas: number,
): string {
  const meaning = [canvas, classes, [...values], ignore];
  const hash = createHash("sha256");
  hash.update(JSON.stringify([format, decoderVersion, place.identity, ...meaning]));
  for (const { name, image, mask } of pairs) {
    const [one, other] = [place.files[image]!, place.files[mask]!];
    hash.update(JSON.stringify([name, one.size, one.stamp, other.size, other.stamp]));
  }
  return hash.digest("hex").slice(0, 32);
}

/** Of each image its pixels, then its mask. */
async function writePack(
  file: Deno.FsFile,
  place: OpenPlace,
  source: MaskedSource,
  { pairs, canvas }: { readonly pairs: Pairs; readonly canvas: number },
): Promise<void> {
  const header: PackHeader = {
    canvas,
    channels: 4,
    classes: source.classes,
    labels: pairs.map(() => 0),
    names: pairs.map(({ name }) => name),
    digest: "0".repeat(64),
  };
  const hash = createHash("sha256").update(JSON.stringify({ canvas, classes: source.classes }));
  let position = encodeHeader(header).length;
  for (let from = 0; from < pairs.length; from += together) {
    const part = pairs.slice(from, from + together);
    for (
      const bytes of await Promise.all(part.map((pair) => decodePair(place, source, pair, canvas)))
    ) {
      hash.update(bytes);
      writeAt(file, position, bytes);
      position += bytes.length;
    }
  }
  writeAt(file, 0, encodeHeader({ ...header, digest: hash.digest("hex") }));
}

async function decodePair(
  place: OpenPlace,
  { values, ignore }: MaskedSource,
  pair: Pairs[number],
  canvas: number,
): Promise<Uint8Array> {
  const [image, mask] = await Promise.all([place.read(pair.image), place.read(pair.mask)]);
  const bytes = new Uint8Array(4 * canvas * canvas);
  let doing = pair.image;
  try {
    bytes.set(await decodeImage(image, canvas));
    const size = await sizeOfImage(image);
    doing = pair.mask;
    const found = await decodeMask(mask, canvas, size);
    bytes.set(found.map((value) => classOf(value, values, ignore)), 3 * canvas * canvas);
    return bytes;
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split("\n")[0] : String(error);
    throw new UserError(
      `Cannot decode "${place.files[doing]!.name}" in the ${place.place}: ${reason}. Replace or ` +
        "remove the image and its mask, or correct the manifest.",
      { cause: error },
    );
  }
}

function classOf(
  value: number,
  values: ReadonlyMap<number, number>,
  ignore: readonly number[],
): number {
  const label = ignore.includes(value) ? 255 : values.get(value);
  if (label !== undefined) return label;
  throw new Error(
    `the mask holds the value ${value}, expected ${[...values.keys()].join(", ")}` +
      (ignore.length > 0 ? `, or to be ignored ${ignore.join(", ")}` : ""),
  );
}
