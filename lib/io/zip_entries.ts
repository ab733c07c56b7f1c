/**
 * Zip files on disk, listed by zip.js without holding them in memory.
 *
 * @module
 */
import { Reader, ZipReader, type ZipReaderConstructorOptions } from "@zip.js/zip.js";
import { readAt } from "./positioned_file.ts";

/**
 * Opens a zip file for zip.js, which reads it by position and on this thread.
 *
 * @param file Stays open; the caller closes it after the reader.
 */
export function zipReader(
  file: Deno.FsFile,
  options: Pick<ZipReaderConstructorOptions, "filenameValidation"> = {},
): ZipReader<Deno.FsFile> {
  return new ZipReader(new FileReader(file), { ...options, useWebWorkers: false });
}

/** The bytes of a file from a position on; fewer than `length` where the file ends before that. */
export function bytesAt(
  file: Deno.FsFile,
  position: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  const count = readAt(file, position, bytes);
  return count < length ? bytes.slice(0, count) : bytes;
}

/** Random access to a file. */
class FileReader extends Reader<Deno.FsFile> {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    super(file);
    this.#file = file;
    this.size = file.statSync().size;
  }

  // deno-lint-ignore require-await -- the interface is asynchronous
  override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const expected = Math.max(0, Math.min(length, this.size - index));
    const bytes = bytesAt(this.#file, index, expected);
    if (bytes.length < expected) throw new Error(`The zip ends at byte ${index + bytes.length}`);
    return bytes;
  }
}
