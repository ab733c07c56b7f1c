/** What saving a checkpoint does to the disk, as an interface, so that tests can cut it anywhere. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { writeFileAtomic } from "../atomic_file.ts";

/** Changes to a disk, in the order in which they are asked for. */
export interface CheckpointFiles {
  /** Makes a folder and those above it. */
  makeFolder(path: string): Promise<void>;
  /** Writes a whole file and flushes it to the disk. */
  write(path: string, bytes: Uint8Array | string): Promise<void>;
  /** Flushes a folder's list of names to the disk. */
  flushFolder(path: string): Promise<void>;
  /** Gives a file or folder another name in one go. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a folder with its content; nothing where there is none. */
  remove(path: string): Promise<void>;
}

/** The disk of this machine. */
export const diskFiles: CheckpointFiles = {
  makeFolder: (path) => Deno.mkdir(path, { recursive: true }),
  write: writeFileAtomic,
  async flushFolder(path) {
    // Windows opens no folders; its file system orders renames itself.
    if (Deno.build.os === "windows") return;
    using folder = await Deno.open(path, { read: true });
    await folder.sync();
  },
  rename: (from, to) => Deno.rename(from, to),
  async remove(path) {
    try {
      await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  },
};

/** SHA-256 of a file in hexadecimal, read piece by piece. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest("hex");
}
