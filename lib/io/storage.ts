/** The changes that saving a checkpoint makes to a disk, as an interface, so that tests can interrupt them. */

/** What a file is to hold; parts follow one another, so that nobody needs to join them in memory. */
export type FileContent = Uint8Array | string | readonly Uint8Array[];

/**
 * Changes to a disk, made in the order of the calls. A power cut between any two calls must leave the
 * newest whole checkpoint readable.
 */
export interface Storage {
  /** Makes a folder and those above it. */
  makeFolder(path: string): Promise<void>;
  /** Writes or replaces a file, without flushing it. */
  write(path: string, content: FileContent): Promise<void>;
  /** Flushes a file to the disk. */
  flushFile(path: string): Promise<void>;
  /** Flushes a folder's list of names to the disk. */
  flushFolder(path: string): Promise<void>;
  /** Renames a file or folder in one go. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a folder with its content; does nothing where there is none. */
  remove(path: string): Promise<void>;
}

/** The disk of this machine. */
export const diskFiles: Storage = {
  makeFolder: (path) => Deno.mkdir(path, { recursive: true }),
  async write(path, content) {
    if (typeof content === "string") return await Deno.writeTextFile(path, content);
    if (content instanceof Uint8Array) return await Deno.writeFile(path, content);
    await Deno.writeFile(path, ReadableStream.from(content) as ReadableStream<Uint8Array>);
  },
  flushFile: (path) => flush(path, { read: true, write: true }),
  async flushFolder(path) {
    // Windows opens no folders; its file system orders renames itself.
    if (Deno.build.os !== "windows") await flush(path, { read: true });
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

async function flush(path: string, access: Deno.OpenOptions): Promise<void> {
  using file = await Deno.open(path, access);
  await file.sync();
}
