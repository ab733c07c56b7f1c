import { crc32, inflateRawSync } from "node:zlib";
import { Reader, ZipReader } from "@zip.js/zip.js";
import { readAt } from "../../io/positioned_file.ts";
import { UserError } from "../../errors/user_error.ts";
import type { OpenPlace, PlaceFile } from "./source.ts";

/** No photo is larger; a zip that claims more is damaged, or meant to fill the memory. */
const largestFile = 256 * 2 ** 20;
const stored = 0;
const deflated = 8;

interface Entry extends PlaceFile {
  readonly offset: number;
  readonly compressedSize: number;
  readonly method: number;
  readonly crc: number;
}

/**
 * Opens a zip file and reads its directory; nothing is unpacked to the disk. Entries may be stored
 * or deflated. zip.js reads the directory (also of zips above 4 GiB); the entries' bytes are read
 * by position, which is ten times faster for many small files than its streams.
 *
 * @throws {UserError} Where the file is no zip, or a name in it is absolute, contains "..", occurs
 *   twice, or is a link, or an entry is encrypted, or larger than 256 MiB.
 */
export async function openZip(path: string): Promise<OpenPlace> {
  const file = await Deno.open(path);
  try {
    const { entries, folders } = await readDirectory(file, path);
    return {
      place: `zip "${path}"`,
      identity: "", // names, sizes and CRCs say it all, wherever the zip lies
      files: entries,
      folders,
      // deno-lint-ignore require-await -- so that what it throws is a rejection
      read: async (index) => readEntry(file, entries[index]!, path),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function readDirectory(file: Deno.FsFile, path: string) {
  const entries: Entry[] = [];
  const folders: string[] = [];
  const names = new Set<string>();
  const reader = new ZipReader(new FileReader(file), {
    useWebWorkers: false,
    filenameValidation: "tolerant", // refused below, with the name in the message
  });
  for (const entry of await reader.getEntries().catch((error) => notAZip(path, error))) {
    const name = entry.filename;
    if (name.split("/").includes("__MACOSX")) continue;
    const refusal = refuse(name) ??
      (names.has(name) ? "it occurs twice" : undefined) ??
      (((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000
        ? "it is a link"
        : undefined) ??
      (entry.encrypted ? "it is encrypted" : undefined) ??
      (Math.max(entry.uncompressedSize, entry.compressedSize) > largestFile
        ? `it holds ${entry.uncompressedSize} bytes`
        : undefined);
    if (refusal !== undefined) {
      throw new UserError(
        `Cannot use the zip "${path}": ${refusal}, the entry "${name}". Expected plain files below ` +
          `the zip's own root, each once and at most 256 MiB. Pack the folder again with an ` +
          `ordinary zip program`,
      );
    }
    names.add(name);
    if (entry.directory) {
      folders.push(name.replace(/\/$/, ""));
      continue;
    }
    const crc = entry.crc32 ?? 0;
    entries.push({
      name,
      size: entry.uncompressedSize,
      stamp: crc.toString(16),
      offset: entry.offset,
      compressedSize: entry.compressedSize,
      method: entry.compressionMethod,
      crc,
    });
  }
  return { entries, folders };
}

/** Why a name is unsafe, or undefined. Nothing is written to the disk, but nothing good has one. */
function refuse(name: string): string | undefined {
  if (name.startsWith("/") || /^[a-z]:/i.test(name)) return "its name is an absolute path";
  if (name.includes("\\") || name.includes("\0")) return "its name contains \\ or a zero byte";
  if (name.split("/").includes("..")) return 'its name contains ".."';
  return undefined;
}

function readEntry(file: Deno.FsFile, entry: Entry, path: string): Uint8Array<ArrayBuffer> {
  // The local header repeats the name and may have other extra fields than the directory.
  const header = new DataView(bytesAt(file, entry.offset, 30).buffer);
  const problem = (found: string) =>
    new UserError(
      `Cannot read "${entry.name}" in the zip "${path}": ${found}. The zip is damaged: copy it ` +
        `again from where it came from`,
    );
  if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50) {
    throw problem("no entry where one should begin");
  }
  const start = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const bytes = bytesAt(file, start, entry.compressedSize);
  let content: Uint8Array<ArrayBuffer>;
  if (entry.method === stored) content = bytes;
  else if (entry.method === deflated) {
    try {
      // Copied, since a Buffer may share its memory with others and so cannot go to a worker.
      content = new Uint8Array(
        inflateRawSync(bytes, { maxOutputLength: Math.max(1, entry.size) }),
      );
    } catch (error) {
      throw problem(error instanceof Error ? error.message : String(error));
    }
  } else throw problem(`compression method ${entry.method}, expected stored or deflated`);
  if (content.length !== entry.size || crc32(content) !== entry.crc) {
    throw problem("its size or checksum (CRC-32) differs from the directory's");
  }
  return content;
}

/** Up to `length` bytes; fewer where the file ends, which the checks of an entry notice. */
function bytesAt(file: Deno.FsFile, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const count = readAt(file, position, bytes);
  return count < length ? bytes.slice(0, count) : bytes;
}

/** Lets zip.js read a file in pieces, so that a large zip does not have to fit the memory. */
class FileReader extends Reader<Deno.FsFile> {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    super(file);
    this.#file = file;
    this.size = file.statSync().size;
  }

  // deno-lint-ignore require-await -- the interface is asynchronous
  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    return bytesAt(this.#file, index, Math.max(0, Math.min(length, this.size - index)));
  }
}

function notAZip(path: string, error: unknown): never {
  throw new UserError(
    `Cannot read "${path}" as a zip file: ${error instanceof Error ? error.message : error}. ` +
      `Expected a folder, or a whole zip file of one. Check the path, or copy the file again`,
    { cause: error },
  );
}
