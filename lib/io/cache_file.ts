import { UserError } from "../errors/user_error.ts";

/**
 * Makes a cache file that is either whole or absent, once, even when several processes want it at
 * the same time: the bytes go to `PATH.partial` under a lock and are renamed at the end. A process
 * that is killed half-way leaves the partial file, and the next one starts it again.
 *
 * @param path Where the file shall be; its folder is made.
 * @param options write: writes the whole content; isWhole: whether another process has just done so,
 *   in which case nothing is written.
 * @throws {UserError} Where the folder cannot be made or written to, or the disk is full; nothing
 *   is left half-written.
 */
export async function makeCacheFile(
  path: string,
  options: {
    readonly write: (file: Deno.FsFile) => Promise<void>;
    readonly isWhole: () => boolean;
  },
): Promise<void> {
  const partial = `${path}.partial`;
  try {
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    using file = await lock(partial);
    if (options.isWhole()) {
      await Deno.remove(partial).catch(() => {}); // another process was faster
      return;
    }
    try {
      await file.truncate(0);
      await options.write(file);
      await file.sync();
      await Deno.rename(partial, path);
    } catch (error) {
      await Deno.remove(partial).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw explain(error, path);
  }
}

/** Opens the file once no one else holds it; a system lock, so a killed process frees it. */
async function lock(path: string): Promise<Deno.FsFile> {
  while (true) {
    const file = await Deno.open(path, { read: true, write: true, create: true });
    await file.lock(true);
    // Whoever held it may have renamed or removed it: then this is no longer the file of that name.
    const current = await Deno.stat(path).catch(() => undefined);
    if (current !== undefined && current.ino === (await file.stat()).ino) return file;
    file.close();
  }
}

/** Writes all bytes at a position. */
export function writeAt(file: Deno.FsFile, position: number, bytes: Uint8Array): void {
  file.seekSync(position, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}

/** Turns the system's errors about space and permission into advice. */
export function explain(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const code = "code" in error ? error.code : undefined;
  const full = code === "ENOSPC" || code === "EDQUOT";
  const refused = error instanceof Deno.errors.PermissionDenied || code === "EROFS" ||
    error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.AlreadyExists ||
    error instanceof Deno.errors.NotCapable;
  if (!full && !refused) return error;
  return new UserError(
    `Cannot keep decoded images in "${path}": ${error.message}. ` +
      (full ? "Free some space, or name a cache folder" : "Name a cache folder") +
      " on another disk (XDG_CACHE_HOME), or use fewer or smaller images",
    { cause: error },
  );
}
