import { makeCacheFile } from "../../io/cache_file.ts";
import { isPackFile } from "./pack_file.ts";

/**
 * Makes a pack file in a cache, unless a whole one is there or another process makes it meanwhile.
 *
 * @param write Writes the whole content.
 * @throws {UserError} Where the folder cannot be made or written to, or the disk is full; nothing
 *   is left half-written.
 */
export async function makePackFile(
  path: string,
  write: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  await makeCacheFile(path, {
    purpose: "keep decoded images in",
    advice: "Name a cache folder on another disk (XDG_CACHE_HOME), or use fewer or smaller images",
    isWhole: () => isPackFile(path),
    write,
  });
}
