import { explainDiskError } from "./disk_error.ts";
import { makeOnce } from "./make_once.ts";

/** How {@linkcode makeCacheFile} makes a file. */
export interface CacheFileOptions {
  /** What the file is for, in messages: "keep decoded images in". */
  readonly purpose: string;
  /** The user's way out where the disk refuses: "Name another cache folder". */
  readonly advice: string;
  /** Whether the file is there and whole. */
  readonly isWhole: () => boolean;
  /** Writes the whole content. */
  readonly write: (file: Deno.FsFile) => Promise<void>;
}

/**
 * Makes a file of a cache, and the folder it lies in, unless the file is whole already. Of several
 * processes that want it at the same time one writes and the others wait. A process that is killed
 * half-way leaves `PATH.partial`, which the next one starts again.
 *
 * @throws {UserError} Where the folder cannot be made or written to, or the disk is full; nothing
 *   is left half-written.
 */
export async function makeCacheFile(path: string, options: CacheFileOptions): Promise<void> {
  const { purpose, advice, isWhole, write } = options;
  const partial = `${path}.partial`;
  try {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await makeOnce(path, {
      partial,
      lock: partial,
      isWhole,
      fill: async (file) => {
        await file.truncate(0);
        await write(file);
        await file.sync();
      },
    });
  } catch (error) {
    // The folder was made, so what is missing is something that `write` reads.
    if (error instanceof Deno.errors.NotFound) throw error;
    throw explainDiskError(error, { path, purpose, advice });
  }
}
