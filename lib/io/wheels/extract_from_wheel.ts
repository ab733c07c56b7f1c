/**
 * Takes single files out of a wheel (a zip) of some hundred megabytes without holding it in memory.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { appendSync } from "../positioned_file.ts";
import { UserError } from "../../errors/user_error.ts";
import { fileBytes, listZip, viewOf, type ZipBytes, type ZipEntry } from "../zip_directory.ts";
import { localHeaderBytes, localHeaderLength, methodName, zipMethod } from "../zip_format.ts";

/** Bytes that are read at a time. */
const pieceBytes = 2 ** 20;
/** TensorFlow's wheel has 12,000 entries. */
const bounds = { entries: 200_000, directory: 2 ** 25 };

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
  const source = fileBytes(file, wheel);
  const entries = listZip(source, (fault) => refuse(wheel, fault), bounds).entries
    .filter(({ name }) => keep.test(name) && !name.endsWith("/"));
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  const stored: StoredFile[] = [];
  let done = 0;
  for (const entry of entries) {
    const target = new HashingFile(`${folder}/${entry.name}`, (bytes) => {
      onProgress(done += bytes, total);
    });
    await unpacked(source, entry, wheel).pipeTo(new WritableStream<Uint8Array>(target));
    if (target.bytes !== entry.size) refuse(wheel, `${target.bytes} bytes in "${entry.name}"`);
    stored.push({ path: entry.name, bytes: target.bytes, sha256: target.digest() });
  }
  return stored;
}

/** The bytes of an entry, a piece at a time. */
function unpacked(source: ZipBytes, entry: ZipEntry, wheel: string): ReadableStream<Uint8Array> {
  const header = localHeaderLength(viewOf(source, entry.header, localHeaderBytes)) ??
    refuse(wheel, `no entry where "${entry.name}" should begin`);
  const first = entry.header + header;
  let at = 0;
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      const bytes = new Uint8Array(Math.min(pieceBytes, entry.packed - at));
      if (bytes.length === 0) return controller.close();
      source.read(first + at, bytes);
      at += bytes.length;
      controller.enqueue(bytes);
    },
  });
  if (entry.method === zipMethod.stored) return packed;
  if (entry.method === zipMethod.deflated) {
    return packed.pipeThrough(new DecompressionStream("deflate-raw"));
  }
  return refuse(wheel, `"${entry.name}" packed by ${methodName(entry.method)}`);
}

function refuse(wheel: string, fault: string): never {
  throw new UserError(
    `Cannot unpack the wheel "${wheel}": found ${fault}. Remove it, and it is fetched again`,
  );
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
