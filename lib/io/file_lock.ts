/**
 * Locks of the system on files: a process that ends, however it ends, loses them.
 *
 * @module
 */
import { explainDiskError } from "./disk_error.ts";

/** Between two attempts to lock a file, in milliseconds. */
const retryAfter = 50;

/** Opens a file, made where it is missing, and locks it; undefined where another process holds it. */
export async function tryLockFile(path: string): Promise<Deno.FsFile | undefined> {
  const file = await openLockFile(path);
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}

/**
 * Opens a file, made where it is missing, and locks it as soon as no other process holds it. Closing
 * the file unlocks it.
 *
 * @param options onWait: called before the first wait.
 */
export async function lockFile(
  path: string,
  { onWait }: { readonly onWait?: (() => void) | undefined } = {},
): Promise<Deno.FsFile> {
  for (let waited = false;;) {
    const file = await openLockFile(path);
    const locked = await file.tryLock(true);
    // The former holder may have renamed or removed it; the lock is then on no file of this name.
    const current = await Deno.stat(path).catch(() => undefined);
    if (locked && current !== undefined && current.ino === (await file.stat()).ino) return file;
    file.close();
    if (locked) continue;
    if (!waited) onWait?.();
    waited = true;
    // Not a lock that waits: renamed, the file may be held for as long as somebody reads it.
    await new Promise((resolve) => setTimeout(resolve, retryAfter));
  }
}

/**
 * Does something to a file while no other process does, by a lock beside it, `PATH.lock`, which is gone afterwards.
 *
 * @throws {UserError} where the folder is missing or may not be written to, and every error of `body`
 *
 * @example
 * ```ts
 * import { whileLocked } from "./file_lock.ts";
 * const path = await Deno.makeTempFile();
 * const count = () => whileLocked(path, async () => {
 *   await Deno.writeTextFile(path, String(Number(await Deno.readTextFile(path)) + 1));
 * });
 * await Promise.all([count(), count(), count()]);
 * if (await Deno.readTextFile(path) !== "3") throw new Error("Expected every one to count");
 * await Deno.remove(path);
 * ```
 */
export async function whileLocked<T>(path: string, body: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  using _locked = await lockFile(lock).catch((error) => {
    throw explainDiskError(error, { path: lock });
  });
  try {
    return await body();
  } finally {
    await Deno.remove(lock).catch(() => {});
  }
}

/**
 * Tells other processes that an open file is in use until it is closed; any number may hold it so.
 * Best effort: where the system has no locks, nothing is told.
 */
export function holdFile(file: Deno.FsFile): void {
  try {
    file.tryLockSync(false);
  } catch {
    // A file system without locks.
  }
}

/** Removes a file that nobody holds; whether it did. */
export function removeUnheld(path: string): boolean {
  using file = Deno.openSync(path, { read: true });
  if (!file.tryLockSync(true)) return false;
  Deno.removeSync(path);
  return true;
}

function openLockFile(path: string): Promise<Deno.FsFile> {
  return Deno.open(path, { read: true, write: true, create: true });
}
