/**
 * Folders that are either whole or absent: filled beside their place, flushed to the disk, renamed. Two
 * processes may want the same one at the same time, and either may be killed at any moment.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { fileDigest } from "../digest.ts";
import { makeOnce } from "../make_once.ts";
import { diskFiles } from "../storage.ts";
import type { StoredFile } from "./extract_from_wheel.ts";

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
    const digest = await fileDigest(`${folder}/${path}`);
    if (digest === sha256) continue;
    throw new UserError(
      `Checked ${folder}/${path}: found SHA-256 ${digest}, expected ${sha256}. ` +
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
 * Makes `folder`, unless it is whole already. One process fills it while others wait; what a killed
 * process left is removed first.
 *
 * @param fill Puts files into the folder at the path it takes, and returns them.
 * @param options onWait: called before waiting for another process.
 */
export async function completeFolder(
  folder: string,
  fill: (partial: string) => Promise<readonly StoredFile[]>,
  { onWait }: { readonly onWait?: (() => void) | undefined } = {},
): Promise<void> {
  if (isWhole(folder)) return;
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  await Deno.mkdir(parent, { recursive: true });
  // Unique, because an installer started by a killed process may still write into the former one.
  const partial = `${folder}.partial-${crypto.randomUUID()}`;
  await makeOnce(folder, {
    partial,
    lock: `${folder}.lock`,
    isWhole: () => isWhole(folder),
    fill: async () => {
      await removeLeftovers(parent, folder.slice(parent.length + 1));
      await Deno.mkdir(partial);
      const files = await fill(partial);
      await Deno.writeTextFile(`${partial}/${manifestName}`, JSON.stringify({ files }, null, 2));
      for (const { path } of [...files, { path: manifestName }]) {
        await diskFiles.flushFile(`${partial}/${path}`);
      }
    },
    onWait,
  });
}

async function removeLeftovers(parent: string, name: string): Promise<void> {
  for (const entry of [...Deno.readDirSync(parent)]) {
    if (entry.name !== name && !entry.name.startsWith(`${name}.partial-`)) continue;
    await Deno.remove(`${parent}/${entry.name}`, { recursive: true });
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined;
  }
}
