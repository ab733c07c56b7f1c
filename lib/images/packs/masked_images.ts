/**
 * Images with a class for every pixel.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { UserError } from "../../errors/user_error.ts";
import { decodeImage, decoderVersion, readImageSize } from "../codec/decode.ts";
import { checkDecodeOptions, type DecodeOptions } from "../codec/decode_options.ts";
import { decodeMask } from "../codec/decode_mask.ts";
import { type MaskFolders, pairMasks } from "../sources/mask_pairs.ts";
import { defaultCache, openCachedPack, writePack } from "./cached_pack.ts";
import type { ImagePack } from "./pack_file.ts";
import { openSourceFiles } from "../sources/source.ts";
import type { SourceFiles } from "../source_files.ts";

/** Images of one size with a class for every pixel, read by position. */
export interface MaskedImages {
  /** Number of images. */
  readonly count: number;
  /** Side in pixels. */
  readonly canvas: number;
  /** Names of the classes, by number. */
  readonly classes: readonly string[];
  /** SHA-256 of all pixels and masks, 64 hexadecimal digits. */
  readonly digest: string;
  /** Names of the images, `[count]`. */
  readonly names: readonly string[];
  /**
   * Reads the images at these positions: `pixels [indices, canvas, canvas, 3]` from 0 to 255, and
   * `masks [indices, canvas, canvas]`, class numbers, 255 where a pixel is ignored.
   */
  read(
    indices: ArrayLike<number>,
  ): { readonly pixels: Uint8Array<ArrayBuffer>; readonly masks: Uint8Array<ArrayBuffer> };
  /** Closes the pack file. */
  close(): void;
}

/** Where images and masks lie, and the classes that the values of the masks stand for. */
export interface MaskedSource extends MaskFolders {
  /** Folder or zip file. */
  readonly path: string;
  /** Names of the classes, by number; at most 255. */
  readonly classes: readonly string[];
  /** The class number of each value of the masks. */
  readonly values: ReadonlyMap<number, number>;
  /** Values of pixels that are ignored. */
  readonly ignore: readonly number[];
}

/** Options of {@linkcode packMaskedImages}. */
export interface MaskedPackOptions extends DecodeOptions {
  /** Side in pixels at which images and masks are kept. */
  readonly canvas: number;
  /** Folder for packs. Default: `images` in this user's cache folder for hashigo. */
  readonly cache?: string | undefined;
  /** Most images to use, evenly spread over the names. Default: all. */
  readonly limit?: number | undefined;
}

/** Version of the content of packs: changes whenever the bytes of a pack would. */
const format = "masked images 2";
/** Number of images that are decoded at a time. */
const batchSize = 8;

/**
 * Decodes images and their masks once, to squares of one size, keeps them in a cache file as
 * {@linkcode packImages} does, and opens it. An image and its mask have the same name but for the
 * ending. Call `close()` when done.
 *
 * @throws {UserError} Where the source is missing, an image lacks a mask or a mask its image, one
 *   cannot be decoded, a mask differs in size from its image, or has a value that is no class.
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
  const { limit = Infinity, cache = defaultCache() } = options;
  checkDecodeOptions(options);
  const files = await openSourceFiles(source.path);
  try {
    const all = pairMasks(files, source);
    const pairs = all.length <= limit
      ? all
      : Array.from({ length: limit }, (_, i) => all[Math.floor(i * all.length / limit)]!);
    const path = `${cache}/${cacheKey(files, source, pairs, options)}.pack`;
    const pack = await openCachedPack(
      path,
      (file) => writeMaskedImages(file, files, source, { ...options, pairs }),
    );
    return withMasks(pack);
  } finally {
    files.close();
  }
}

/** A pack of four bytes per pixel as images and masks. */
function withMasks(pack: ImagePack): MaskedImages {
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
  source: SourceFiles,
  { classes, values, ignore }: MaskedSource,
  pairs: Pairs,
  { canvas, background, maximumPixels }: MaskedPackOptions,
): string {
  const meaning = [canvas, background, maximumPixels, classes, [...values], ignore];
  const hash = createHash("sha256");
  hash.update(JSON.stringify([format, decoderVersion, source.identity, ...meaning]));
  for (const { name, image, mask } of pairs) {
    const stamps = [image, mask].flatMap((file) => {
      const { size, stamp } = source.files[file]!;
      return [size, stamp];
    });
    hash.update(JSON.stringify([name, ...stamps]));
  }
  return hash.digest("hex").slice(0, 32);
}

/** Writes the pixels and then the mask of each image. */
async function writeMaskedImages(
  file: Deno.FsFile,
  files: SourceFiles,
  source: MaskedSource,
  { pairs, ...options }: MaskedPackOptions & { readonly pairs: Pairs },
): Promise<void> {
  const { classes } = source, { canvas } = options;
  const seen = new Set<number>();
  async function* decode(): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < pairs.length; from += batchSize) {
      const batch = pairs.slice(from, from + batchSize);
      for (
        const bytes of await Promise.all(
          batch.map((pair) => decodePair(files, source, pair, options)),
        )
      ) {
        for (const label of bytes.subarray(3 * canvas * canvas)) seen.add(label);
        yield bytes;
      }
    }
    assertBothClasses(seen, files, source);
  }
  await writePack(file, {
    header: {
      canvas,
      channels: 4,
      classes,
      labels: pairs.map(() => 0),
      names: pairs.map(({ name }) => name),
    },
    chunks: decode(),
    digestPrefix: JSON.stringify({ canvas, classes }),
  });
}

async function decodePair(
  source: SourceFiles,
  { values, ignore }: MaskedSource,
  pair: Pairs[number],
  options: MaskedPackOptions,
): Promise<Uint8Array> {
  const { canvas } = options;
  const [image, mask] = await Promise.all([source.read(pair.image), source.read(pair.mask)]);
  const bytes = new Uint8Array(4 * canvas * canvas);
  let current = pair.image;
  try {
    bytes.set(await decodeImage(image, canvas, options));
    const size = await readImageSize(image);
    current = pair.mask;
    const maskValues = await decodeMask(mask, canvas, size, options);
    bytes.set(maskValues.map((value) => classOf(value, values, ignore)), 3 * canvas * canvas);
    return bytes;
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split("\n")[0] : String(error);
    throw new UserError(
      `Cannot decode "${source.files[current]!.name}" in the ${source.description}: ${reason}. ` +
        "Replace or remove the image and its mask, or correct the manifest.",
      { cause: error },
    );
  }
}

/**
 * Refuses masks of 0 and 255 whose 255 is ignored: they would be measured on one class, and the other,
 * every pixel of it, left out without a word.
 */
function assertBothClasses(
  seen: ReadonlySet<number>,
  { description }: SourceFiles,
  { classes, values, ignore }: MaskedSource,
): void {
  const found = [...seen].filter((label) => label !== 255);
  if (!(classes.length === 2 && ignore.includes(255) && seen.has(255) && found.length === 1)) {
    return;
  }
  const missing = [...values].find(([, label]) => !seen.has(label));
  throw new UserError(
    `Cannot use the masks in the ${description}: none holds ${missing?.[0]} ("${
      classes[missing?.[1] ?? 0]
    }"), some hold 255, which the manifest ignores. ${divide}, or correct the manifest.`,
  );
}

const divide = "Divide the values of masks of 0 and 255 by 255, as by Pillow: " +
  'Image.open(MASK).convert("L").point(lambda value: value // 255).save(MASK)';

function classOf(
  value: number,
  values: ReadonlyMap<number, number>,
  ignore: readonly number[],
): number {
  const label = ignore.includes(value) ? 255 : values.get(value);
  if (label !== undefined) return label;
  throw new Error(
    `the mask holds the value ${value}, expected ${[...values.keys()].join(", ")}` +
      (ignore.length > 0 ? `, or to be ignored ${ignore.join(", ")}` : "") +
      (value === 255 ? `. ${divide}` : ""),
  );
}
