import { createHash } from "node:crypto";
import { UserError } from "../../errors/user_error.ts";
import { decoderVersion } from "../codec/decode.ts";
import { checkDecodeOptions, type DecodeOptions } from "../codec/decode_options.ts";
import type { BrokenImage } from "../codec/decode_chunk.ts";
import { decodeInOrder, defaultWorkers, unreadableImage } from "../codec/decode_in_order.ts";
import { type DecoderPool, decoderPool } from "../codec/decoder_pool.ts";
import { type Dataset, listDataset } from "../sources/dataset.ts";
import { labelTables } from "../sources/label_table.ts";
import { labelledImages, unlabelledImages } from "../sources/labelled_images.ts";
import type { LabelledImages } from "../sources/labels.ts";
import { namedPart, partToDistil, wholePart } from "../sources/parts.ts";
import { spreadOverClasses } from "./spread_over_classes.ts";
import { assertSpace } from "../../io/disk_space.ts";
import { defaultCache, openCachedPack, writePack } from "./cached_pack.ts";
import type { ImagePack, QuarantinedImage } from "./pack_file.ts";
import { assertQuarantine, quarantineBytes, quarantineEntry, replaceBroken } from "./quarantine.ts";
import { type ImageSource, openSourceFiles } from "../sources/source.ts";
import type { SourceFiles } from "../source_files.ts";

/** Options of {@linkcode packImages}. */
export interface PackOptions extends DecodeOptions {
  /** Side in pixels at which images are kept. */
  readonly canvas: number;
  /** Folder for packs. Default: `images` in this user's cache folder for hashigo. */
  readonly cache?: string | undefined;
  /**
   * Number of decoding workers, which never changes the result; 0 decodes on the main thread.
   * Default: up to 8 by the number of cores, 0 for few images.
   */
  readonly workers?: number | undefined;
  /** Most images to use, spread evenly over the classes. Default: all. */
  readonly limit?: number | undefined;
  /**
   * Share of the images that may be unreadable: each is replaced by the whole one before it, and
   * listed in `quarantined`. Default 0: the first unreadable image is an error.
   */
  readonly quarantine?: number | undefined;
  /**
   * "required": images need class folders or a table of labels. "unused": any images will do, those
   * of the train part where there is one. Default: required.
   */
  readonly labels?: "required" | "unused" | undefined;
  /** Receives a line that says which images were read and passed over, before they are decoded. */
  readonly onListed?: ((line: string) => void) | undefined;
  /** Called with the number of images that are decoded, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Version of the content of packs: changes whenever the bytes of a pack would. */
const format = 1;

/**
 * Decodes all images of a source once, to squares of one size, and opens the result. The decoded
 * images are kept in a cache file that is named by everything they depend on, so the next call
 * finds them. A folder and a zip of it give packs of the same digest. Call `close()` when done.
 *
 * @throws {UserError} Where the source is missing, holds no image, has an empty class, or more
 *   images than `quarantine` allows cannot be decoded (they are named), or where the cache folder
 *   cannot be written.
 *
 * @example
 * ```ts
 * import { packImages } from "@hashigo/hashigo/images";
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
  refuseOptions(source.path, options);
  const files = await openSourceFiles(source.path);
  try {
    const dataset = listDataset(files);
    const images = await imagesOf(dataset, source, options);
    options.onListed?.(images.read ?? "");
    return await packLabelled(files, images, options);
  } finally {
    files.close();
  }
}

async function imagesOf(
  dataset: Dataset,
  { split }: ImageSource,
  { labels = "required" }: PackOptions,
): Promise<LabelledImages> {
  if (labels === "unused") {
    const { part, left } = split === undefined
      ? partToDistil(dataset)
      : { part: namedPart(dataset, split), left: [] };
    const remarks = left.length === 0 ? [] : [
      `of "${part.name}" only, ${left.map((name) => `"${name}"`).join(", ")} left for measuring`,
    ];
    return unlabelledImages(dataset, part, remarks);
  }
  const part = split === undefined ? wholePart(dataset) : namedPart(dataset, split);
  return await labelledImages(dataset, part, labelTables(dataset));
}

function refuseOptions(path: string, options: PackOptions): void {
  checkDecodeOptions(options);
  const { canvas, limit } = options;
  for (const [name, value] of [["canvas", canvas], ["limit", limit]] as const) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0)) {
      throw new UserError(
        `Cannot pack "${path}": ${name} is ${value}, expected a whole number above 0`,
      );
    }
  }
}

/** Packs images whose labels are known, of an open source; see {@linkcode packImages}. */
export async function packLabelled(
  files: SourceFiles,
  all: LabelledImages,
  options: PackOptions,
): Promise<ImagePack> {
  const { limit, cache = defaultCache() } = options;
  const images = limit === undefined ? all : spreadOverClasses(all, limit);
  const allowed = allowedUnreadable(images, options);
  const path = `${cache}/${cacheKey(files, images, options)}.pack`;
  const pack = await openCachedPack(
    path,
    async (file) => {
      await assertSpace(images.images.length * options.canvas ** 2 * 3, cache);
      await writeImages(file, files, images, { ...options, allowed });
    },
  );
  return { ...limitUnreadable(pack, files, allowed), listed: all.read };
}

/** Number of images that may be unreadable. */
function allowedUnreadable(
  { images }: LabelledImages,
  { quarantine = 0 }: Pick<PackOptions, "quarantine">,
): number {
  if (!(quarantine >= 0 && quarantine < 1)) {
    throw new UserError(`Found a quarantine of ${quarantine}, expected a share from 0 to below 1`);
  }
  return Math.floor(quarantine * images.length);
}

/**
 * Closes and refuses a pack of too many unreadable images: the cached one may have been made where
 * more were allowed.
 */
function limitUnreadable(
  pack: ImagePack,
  { description }: SourceFiles,
  allowed: number,
): ImagePack {
  try {
    assertQuarantine(description, pack.quarantined ?? [], { allowed, count: pack.count });
  } catch (error) {
    pack.close();
    throw error;
  }
  return pack;
}

/** The digest of everything that the pack depends on, all of it known without reading an image. */
function cacheKey(
  source: SourceFiles,
  { classes, images }: LabelledImages,
  { canvas, background, maximumPixels }: PackOptions,
): string {
  const hash = createHash("sha256");
  const decoding = [decoderVersion, background, maximumPixels];
  hash.update(JSON.stringify([format, decoding, source.identity, canvas, classes]));
  for (const { file, name, label } of images) {
    const { size, stamp } = source.files[file]!;
    hash.update(JSON.stringify([name, label, size, stamp]));
  }
  return hash.digest("hex").slice(0, 32);
}

async function writeImages(
  file: Deno.FsFile,
  source: SourceFiles,
  { classes, images }: LabelledImages,
  { canvas, background, maximumPixels, workers, onProgress, allowed }: PackOptions & {
    readonly allowed: number;
  },
): Promise<void> {
  const labels = images.map(({ label }) => label);
  const names = images.map(({ name }) => name);
  const broken: QuarantinedImage[] = [];
  const onBroken = (image: BrokenImage) => {
    const { file, name } = images[image.index]!;
    if (allowed === 0) throw unreadableImage(source, file, image);
    broken.push(quarantineEntry(name, image));
    assertQuarantine(source.description, broken, { allowed, count: images.length });
  };
  async function* decode(pool: DecoderPool): AsyncGenerator<Uint8Array> {
    let done = 0;
    const chunks = decodeInOrder(pool, source, images, { canvas, background, maximumPixels });
    for await (const pixels of replaceBroken(chunks, canvas * canvas * 3, onBroken)) {
      yield pixels;
      done += pixels.length / (canvas * canvas * 3);
      onProgress?.(done, images.length);
    }
  }
  const pool = decoderPool(workers ?? defaultWorkers(images.length));
  try {
    await writePack(file, {
      header: { canvas, classes, labels, names },
      chunks: decode(pool),
      digestPrefix: JSON.stringify({ canvas, classes, labels }),
      quarantined: broken,
      spareBytes: quarantineBytes(names, allowed),
    });
  } finally {
    pool.close();
  }
}
