/** Free space of a disk, looked at before something large is written. */
import { statfs } from "node:fs/promises";
import { UserError } from "../errors/user_error.ts";

/**
 * Bytes that may still be written below a folder, or undefined where that is not known: without
 * `--allow-sys=statfs`, or where there is no such folder.
 *
 * @example
 * ```ts
 * import { freeSpace } from "./disk_space.ts";
 * const bytes = await freeSpace(".");
 * if (bytes !== undefined && bytes < 0) throw new Error("Space is never negative");
 * ```
 */
export async function freeSpace(folder: string): Promise<number | undefined> {
  // A query, not a request: a prompt in the middle of a run would stop it.
  const permission = await Deno.permissions.query({ name: "sys", kind: "statfs" });
  if (permission.state !== "granted") return undefined;
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/**
 * Refuses to begin a write that would fill the disk. Where the free space is not known it passes.
 *
 * @param bytes Size of the write; a tenth more must be free, at least 1 MB more.
 * @param options measure: free bytes of a folder; default {@linkcode freeSpace}.
 * @throws {UserError} With the bytes that are needed and those that are free.
 *
 * @example
 * ```ts
 * import { assertSpace } from "./disk_space.ts";
 * await assertSpace(1000, ".");
 * ```
 */
export async function assertSpace(
  bytes: number,
  folder: string,
  options: { readonly measure?: (folder: string) => Promise<number | undefined> } = {},
): Promise<void> {
  const free = await (options.measure ?? freeSpace)(folder);
  const needed = bytes + Math.max(bytes / 10, 1e6);
  if (free === undefined || free >= needed) return;
  const megabytes = (value: number) => `${(value / 1e6).toFixed(1)} MB`;
  throw new UserError(
    `Cannot write ${megabytes(bytes)} to "${folder}": found ${megabytes(free)} free, expected ` +
      `${megabytes(needed)}. Free some space or choose another disk.`,
  );
}
