/**
 * Takes single files out of a wheel (a zip) of some hundred megabytes without holding it in memory.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { appendSync } from "../../io/positioned_file.ts";
import { zipReader } from "../../io/zip_entries.ts";

/** A file on disk, with the size and digest of the whole file. */
export interface StoredFile {
  /** Relative to the folder that it was put into. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Extracts the entries of `wheel` whose path matches `keep` into `folder`, under their own paths.
 */
export async function extractFromWheel(
  wheel: string,
  folder: string,
  { keep, onProgress = () => {} }: {
    keep: RegExp;
    onProgress?: (done: number, total: number) => void;
  },
): Promise<StoredFile[]> {
  using file = await Deno.open(wheel);
  const zip = zipReader(file);
  const entries = (await zip.getEntries()).filter((entry) => keep.test(entry.filename));
  const total = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
  const stored: StoredFile[] = [];
  let done = 0;
  for (const entry of entries) {
    if (entry.directory) continue;
    const target = new HashingFile(`${folder}/${entry.filename}`, (bytes) => {
      onProgress(done += bytes, total);
    });
    await entry.getData(new WritableStream<Uint8Array>(target));
    stored.push({ path: entry.filename, bytes: target.bytes, sha256: target.digest() });
  }
  await zip.close();
  return stored;
}

/** A sink that writes a file and hashes it on the way. */
class HashingFile implements UnderlyingSink<Uint8Array> {
  bytes = 0;
  readonly #hash = createHash("sha256");
  readonly #file: Deno.FsFile;

  constructor(path: string, readonly onBytes: (bytes: number) => void) {
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    const mode = path.includes("/bin/") ? 0o755 : 0o644;
    this.#file = Deno.openSync(path, { write: true, createNew: true, mode });
  }

  write(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    appendSync(this.#file, chunk);
    this.bytes += chunk.length;
    this.onBytes(chunk.length);
  }

  close(): void {
    this.#file.close();
  }

  abort(): void {
    this.#file.close();
  }

  digest(): string {
    return this.#hash.digest("hex");
  }
}
