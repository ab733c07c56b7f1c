/**
 * Packs that are written once, to the cache, and opened from there.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { makeCacheFile } from "../../io/cache_file.ts";
import { writeAt } from "../../io/positioned_file.ts";
import { cacheFolder } from "../../io/user_cache.ts";
import {
  encodeHeader,
  type ImagePack,
  isPackFile,
  openPackFile,
  type PackHeader,
  type QuarantinedImage,
} from "./pack_file.ts";

/** The folder for packs by default: `images` in the user's cache folder for hashigo. */
export function defaultCache(): string {
  return cacheFolder("images");
}

/**
 * Opens the pack at a path, which is written first where there is none.
 *
 * @param write Writes the content, with {@linkcode writePack}.
 * @throws {UserError} Where the folder cannot be written to, or the disk is full.
 */
export async function openCachedPack(
  path: string,
  write: (file: Deno.FsFile) => Promise<void>,
): Promise<ImagePack> {
  const cached = openPackFile(path);
  if (cached !== undefined) return cached;
  await makeCacheFile(path, {
    purpose: "keep decoded images in",
    advice: "Name a cache folder on another disk (XDG_CACHE_HOME), or use fewer or smaller images",
    isWhole: () => isPackFile(path),
    write,
  });
  const pack = openPackFile(path);
  if (pack === undefined) throw new Error(`"${path}" is not the pack that was just written`);
  return pack;
}

/** Content of a pack file apart from its digest. */
export interface PackContent {
  /** Everything that is known of the pack before its pixels. */
  readonly header: Omit<PackHeader, "digest" | "quarantined">;
  /** Pixels of the images, in order. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Text that is part of the digest, before the pixels. */
  readonly digestPrefix: string;
  /** Images that could not be decoded, complete once `chunks` ends. Default: none. */
  readonly quarantined?: readonly QuarantinedImage[] | undefined;
  /** Bytes that are kept free for `quarantined`. Default: none. */
  readonly spareBytes?: number | undefined;
}

/** Writes a pack file: first the pixels, then before them the header, which has their digest. */
export async function writePack(file: Deno.FsFile, content: PackContent): Promise<void> {
  const { header, chunks, digestPrefix, quarantined = [], spareBytes = 0 } = content;
  const headerLength = encodeHeader({ ...header, digest: "0".repeat(64) }).length + spareBytes;
  const hash = createHash("sha256").update(digestPrefix);
  let position = headerLength;
  for await (const pixels of chunks) {
    hash.update(pixels);
    writeAt(file, position, pixels);
    position += pixels.length;
  }
  const complete: PackHeader = {
    ...header,
    digest: hash.digest("hex"),
    quarantined: quarantined.length === 0 ? undefined : quarantined,
  };
  writeAt(file, 0, encodeHeader(complete, headerLength));
}
