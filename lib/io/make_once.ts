import { lockFile } from "./file_lock.ts";

/** How {@linkcode makeOnce} makes a file or folder. */
export interface MakeOnceOptions {
  /** Where it is filled before it is renamed; its folder must exist. */
  readonly partial: string;
  /** The file that is locked meanwhile; it may be the partial file itself. */
  readonly lock: string;
  /** Whether it is there and whole. */
  readonly isWhole: () => boolean;
  /** Makes and fills `partial`, flushed to the disk; takes the locked file. */
  readonly fill: (locked: Deno.FsFile) => Promise<void>;
  /** Called before waiting for another process that makes the same. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Makes a file or folder that is either whole or absent, once, even where several processes want it at
 * the same time: it is filled under a lock beside its place and renamed. Where filling fails, nothing
 * is left.
 *
 * @returns Whether this process has made it; false where it was whole already.
 */
export async function makeOnce(
  path: string,
  { partial, lock, isWhole, fill, onWait }: MakeOnceOptions,
): Promise<boolean> {
  if (isWhole()) return false;
  using locked = await lockFile(lock, { onWait });
  try {
    if (isWhole()) {
      await removeAll(partial); // the locked file itself, where that is it
      return false;
    }
    await fill(locked);
    await Deno.rename(partial, path);
    return true;
  } catch (error) {
    await removeAll(partial);
    throw error;
  }
}

async function removeAll(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch(() => {});
}
