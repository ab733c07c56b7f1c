/**
 * Files that are either whole or absent: bytes go to a `.partial` file beside the target, which is
 * then renamed over it. A process that is killed half-way leaves the old file untouched and at most
 * one `.partial` file, which may be deleted.
 *
 * @module
 */
import { UserError } from "../errors/user_error.ts";

/**
 * Writes `bytes` (text is encoded as UTF-8) to `path`, replacing what is there only once everything
 * is on the disk. The folder must exist.
 *
 * @throws {UserError} Where the folder is missing, may not be written to, or the disk is full;
 *   nothing is left half-written.
 *
 * @example
 * ```ts
 * import { writeFileAtomic } from "@hashigo/hashigo";
 * const folder = await Deno.makeTempDir();
 * await writeFileAtomic(`${folder}/note.txt`, "whole or absent");
 * if (await Deno.readTextFile(`${folder}/note.txt`) !== "whole or absent") throw new Error();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  await writeStreamAtomic(path, (file) => writeAll(file, content));
}

/**
 * The same for a file that is written bit by bit, too large to be in memory at once.
 *
 * @param write Writes the whole content; where it throws, nothing is left and `path` stays as it was.
 * @throws {UserError} As {@linkcode writeFileAtomic}, and what `write` throws.
 *
 * @example
 * ```ts
 * import { writeStreamAtomic } from "@hashigo/hashigo";
 * const folder = await Deno.makeTempDir();
 * await writeStreamAtomic(`${folder}/numbers`, async (file) => {
 *   for (let i = 0; i < 3; i++) await file.write(Uint8Array.of(i));
 * });
 * if ((await Deno.readFile(`${folder}/numbers`)).join() !== "0,1,2") throw new Error();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeStreamAtomic(
  path: string,
  write: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  // A name of its own, so that two processes that write the same file never mix their bytes.
  const partial = `${path}.${crypto.randomUUID().slice(0, 8)}.partial`;
  try {
    await writeAndSync(partial, write);
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw explainWriteError(error, path);
  }
}

async function writeAndSync(
  path: string,
  write: (file: Deno.FsFile) => Promise<void>,
): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  await write(file);
  // Without this, a power cut after the rename could leave a whole name on an empty file.
  await file.sync();
}

/** Writes all bytes where the file stands. */
export async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
}

/** What a write failed of in the user's words, where it is the user's to mend; else the error itself. */
export function explainWriteError(error: unknown, path: string): unknown {
  const next = nextStep(error);
  if (next === undefined || !(error instanceof Error)) return error;
  return new UserError(`Cannot write "${path}": ${error.message}. ${next}`, { cause: error });
}

function nextStep(error: unknown): string | undefined {
  if (error instanceof Deno.errors.NotFound) return "Create its folder first, or choose another";
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return "Choose a folder that this user may write to";
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") return "Free some space, or choose another disk";
  if (code === "EROFS") return "The disk is read-only: choose another folder";
  if (code === "EISDIR") return "A folder is in the way: choose another name";
  return undefined;
}
