/**
 * Files that are either whole or absent: bytes go to a `.partial` file beside the target, which is
 * then renamed over it. A process that is killed half-way leaves the old file untouched and at most
 * one `.partial` file, which may be deleted.
 *
 * @module
 */
import { explainDiskError } from "./disk_error.ts";
import { append } from "./positioned_file.ts";

/**
 * Writes `bytes` (text is encoded as UTF-8) to `path`. A file that is there is replaced only once
 * everything is on the disk. The folder must exist.
 *
 * @throws {UserError} Where the folder is missing, may not be written to, or the disk is full;
 *   nothing is left half-written.
 *
 * @example
 * ```ts
 * import { writeFileAtomic } from "./atomic_file.ts";
 * const folder = await Deno.makeTempDir();
 * await writeFileAtomic(`${folder}/note.txt`, "whole or absent");
 * if (await Deno.readTextFile(`${folder}/note.txt`) !== "whole or absent") throw new Error();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  await writeStreamAtomic(path, (file) => append(file, content));
}

/**
 * {@linkcode writeFileAtomic} for a file that is written in pieces, too large for the memory.
 *
 * @param write Writes the whole content; where it throws, nothing is left and `path` stays as it was.
 * @throws {UserError} As {@linkcode writeFileAtomic}, and every error of `write`.
 *
 * @example
 * ```ts
 * import { writeStreamAtomic } from "./atomic_file.ts";
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
  // A unique name, so that two processes that write the same file never mix their bytes.
  const partial = `${path}.${crypto.randomUUID().slice(0, 8)}.partial`;
  try {
    await writeAndSync(partial, write);
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw explainDiskError(error, { path });
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
