/**
 * Folders that are either whole or absent: filled beside, written through to the disk, renamed. Two
 * processes may ask for the same one at the same time, and either may be killed at any moment.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { fileDigest, type StoredFile } from "./wheel.ts";

const manifestName = "manifest.json";

/** Whether `folder` was completed, and each of its files still has the size it had then. */
export function isWhole(folder: string): boolean {
  const files = readManifest(folder);
  return files !== undefined &&
    files.every(({ path, bytes }) => sizeOf(`${folder}/${path}`) === bytes);
}

/**
 * Reads every file of a completed folder and compares its SHA-256 with the one it had then.
 *
 * @throws {UserError} Where one differs.
 */
export async function checkDigests(folder: string): Promise<void> {
  for (const { path, sha256 } of readManifest(folder) ?? []) {
    const found = await fileDigest(`${folder}/${path}`);
    if (found === sha256) continue;
    throw new UserError(
      `Checked ${folder}/${path}: found SHA-256 ${found}, expected ${sha256}. ` +
        `Remove ${folder} to have it fetched again`,
    );
  }
}

/** The files of a completed folder, with their digests; undefined where it is not complete. */
export function readManifest(folder: string): readonly StoredFile[] | undefined {
  try {
    const manifest: { files: StoredFile[] } = JSON.parse(
      Deno.readTextFileSync(`${folder}/${manifestName}`),
    );
    return manifest.files;
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that `folder` is whole. `fill` puts the files into the folder that it is given and
 * returns them; it is called by one process at a time, and not at all where another one has done it
 * meanwhile. What a killed process left behind is removed first.
 */
export async function completeFolder(
  folder: string,
  fill: (partial: string) => Promise<readonly StoredFile[]>,
  { onWait = () => {} }: { onWait?: () => void } = {},
): Promise<void> {
  if (isWhole(folder)) return;
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  await Deno.mkdir(parent, { recursive: true });
  // The system frees the lock when its process ends, however it ends. The file itself stays: to
  // remove it would let a third process lock another file of the same name.
  using lock = await Deno.open(`${folder}.lock`, { write: true, create: true });
  if (!await lock.tryLock(true)) {
    onWait();
    await lock.lock(true);
  }
  if (isWhole(folder)) return;
  await removeLeftovers(parent, folder.slice(parent.length + 1));
  // Unique, because an installer started by a killed process may still write into the former one.
  const partial = `${folder}.partial-${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(partial);
    const files = await fill(partial);
    await Deno.writeTextFile(`${partial}/${manifestName}`, JSON.stringify({ files }, null, 2));
    for (const { path } of [...files, { path: manifestName }]) await flush(`${partial}/${path}`);
    await Deno.rename(partial, folder);
  } catch (error) {
    await Deno.remove(partial, { recursive: true }).catch(() => {});
    throw error;
  }
}

async function removeLeftovers(parent: string, name: string): Promise<void> {
  for (const entry of [...Deno.readDirSync(parent)]) {
    if (entry.name !== name && !entry.name.startsWith(`${name}.partial-`)) continue;
    await Deno.remove(`${parent}/${entry.name}`, { recursive: true });
  }
}

async function flush(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined;
  }
}
