import { createHash } from "node:crypto";
import { userCache } from "../../engine/install/host.ts";
import { UserError } from "../../errors/user_error.ts";
import { makeCacheFile, writeAt } from "../../io/cache_file.ts";
import { decoderVersion } from "../codec/decode.ts";
import type { BrokenImage } from "../codec/decode_chunk.ts";
import { decodeInOrder, defaultWorkers, unreadable } from "../codec/decode_in_order.ts";
import { decoderPool } from "../codec/decoder_pool.ts";
import { arrangeImageFolder, type LabelledImages } from "../sources/image_folder.ts";
import { spreadOverClasses } from "./spread_over_classes.ts";
import {
  encodeHeader,
  type ImagePack,
  isPackFile,
  openPackFile,
  type PackHeader,
  type QuarantinedImage,
} from "./pack_file.ts";
import { assertQuarantine, quarantineBytes, quarantined, replaceBroken } from "./quarantine.ts";
import { type ImageSource, type OpenPlace, openPlace } from "../sources/source.ts";

/** Options of {@linkcode packImages}. */
export interface PackOptions {
  /** Side in pixels at which images are kept. */
  readonly canvas: number;
  /** Folder for packs. Default: `images` in this user's cache folder for hashigo. */
  readonly cache?: string | undefined;
  /** Decoding workers; 0 decodes on the main thread. Never changes the result. Default: by cores. */
  readonly workers?: number;
  /** Use only so many images, spread evenly over the classes. Default: all. */
  readonly limit?: number | undefined;
  /**
   * Share of the images that may be unreadable: each is replaced by the whole one before it, and
   * listed in `quarantined`. Default 0: the first one is refused by name.
   */
  readonly quarantine?: number;
  /** Called with images done and to do. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Changes whenever the bytes of a pack would. */
const format = 1;

/**
 * Decodes all images of a source once, to one size, and opens the result. The decoded images are
 * kept in a cache file, named by everything that they depend on, and found there the next time.
 * A folder and a zip of it give the same pack. Call `close()` when done.
 *
 * @throws {UserError} Where the source is missing, holds no image, has an empty class, or more
 *   images than `quarantine` allows cannot be decoded (they are named), or where the cache folder cannot be written.
 *
 * @example
 * ```ts
 * import { packImages } from "@hashigo/hashigo";
 * import sharp from "sharp";
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/images/red`, { recursive: true });
 * const create = { width: 9, height: 9, channels: 3, background: "#ff0000" } as const;
 * await sharp({ create }).png().toFile(`${folder}/images/red/1.png`);
 * const source = { path: `${folder}/images` };
 * const pack = await packImages(source, { canvas: 8, cache: folder, workers: 0 });
 * if (pack.count !== 1 || pack.classes[0] !== "red") throw new Error("Expected one red image");
 * if (pack.read([0]).length !== 8 * 8 * 3) throw new Error("Expected 8 x 8 pixels");
 * pack.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function packImages(source: ImageSource, options: PackOptions): Promise<ImagePack> {
  const { canvas, limit, cache = defaultCache() } = options;
  for (const [name, value] of [["canvas", canvas], ["limit", limit]] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0)) {
      throw new UserError(
        `Cannot pack "${source.path}": ${name} is ${value}, expected a whole number above 0`,
      );
    }
  }
  const place = await openPlace(source.path);
  try {
    const all = arrangeImageFolder(
      { ...place, files: place.files.map(({ name }) => name) },
      source.split,
    );
    const images = limit === undefined ? all : spreadOverClasses(all, limit);
    const allowed = allowedIn(images, options);
    const path = `${cache}/${cacheKey(place, images, canvas)}.pack`;
    const found = openPackFile(path);
    if (found !== undefined) return checked(found, place, allowed);
    await makeCacheFile(path, {
      write: (file) => writePack(file, place, images, { ...options, allowed }),
      isWhole: () => isPackFile(path),
    });
    const made = openPackFile(path);
    if (made === undefined) throw new Error(`"${path}" is not the pack that was just written`);
    return checked(made, place, allowed);
  } finally {
    place.close();
  }
}

/** Where decoded images are kept unless a folder is named. */
export function defaultCache(): string {
  return `${userCache(Deno.build.os, (name) => Deno.env.get(name) || undefined)}/images`;
}

function allowedIn(
  { images }: LabelledImages,
  { quarantine = 0 }: Pick<PackOptions, "quarantine">,
): number {
  if (!(quarantine >= 0 && quarantine < 1)) {
    throw new UserError(`Found a quarantine of ${quarantine}, expected a share from 0 to below 1`);
  }
  return Math.floor(quarantine * images.length);
}

/** A pack may have been made where more was allowed. */
function checked(pack: ImagePack, { place }: OpenPlace, allowed: number): ImagePack {
  try {
    assertQuarantine(place, pack.quarantined ?? [], { allowed, count: pack.count });
  } catch (error) {
    pack.close();
    throw error;
  }
  return pack;
}

/** The digest of everything that the pack depends on, all of it known without reading an image. */
function cacheKey(place: OpenPlace, { classes, images }: LabelledImages, canvas: number): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([format, decoderVersion, place.identity, canvas, classes]));
  for (const { file, name, label } of images) {
    const { size, stamp } = place.files[file]!;
    hash.update(JSON.stringify([name, label, size, stamp]));
  }
  return hash.digest("hex").slice(0, 32);
}

async function writePack(
  file: Deno.FsFile,
  place: OpenPlace,
  { classes, images }: LabelledImages,
  { canvas, workers, onProgress, allowed }: PackOptions & { readonly allowed: number },
): Promise<void> {
  const labels = images.map(({ label }) => label);
  const header: PackHeader = {
    canvas,
    classes,
    labels,
    names: images.map(({ name }) => name),
    digest: "0".repeat(64),
  };
  const headerLength = encodeHeader(header).length + quarantineBytes(header.names, allowed);
  const broken: QuarantinedImage[] = [];
  const onBroken = (image: BrokenImage) => {
    const { file, name } = images[image.index]!;
    if (allowed === 0) throw unreadable(place, file, image);
    broken.push(quarantined(name, image));
    assertQuarantine(place.place, broken, { allowed, count: images.length });
  };
  let position = headerLength;
  const hash = createHash("sha256").update(JSON.stringify({ canvas, classes, labels }));
  const pool = decoderPool(workers ?? defaultWorkers(images.length));
  try {
    let done = 0;
    const chunks = decodeInOrder(pool, place, images, canvas);
    for await (const pixels of replaceBroken(chunks, canvas * canvas * 3, onBroken)) {
      hash.update(pixels);
      writeAt(file, position, pixels);
      position += pixels.length;
      done += pixels.length / (canvas * canvas * 3);
      onProgress?.(done, images.length);
    }
  } finally {
    pool.close();
  }
  const ended = { ...header, digest: hash.digest("hex") };
  const whole = broken.length === 0 ? ended : { ...ended, quarantined: broken };
  writeAt(file, 0, encodeHeader(whole, headerLength));
}
