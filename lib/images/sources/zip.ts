import { crc32, inflateRawSync } from "node:zlib";
import { UserError } from "../../errors/user_error.ts";
import { bytesAt, zipReader } from "../../io/zip_entries.ts";
import {
  localHeaderBytes,
  localHeaderLength,
  unsafeEntryName,
  zipMethod,
} from "../../io/zip_format.ts";
import type { SourceFile, SourceFiles } from "./source_files.ts";

/** No photo is larger; a zip that claims more is damaged, or meant to fill the memory. */
const maximumFileBytes = 256 * 2 ** 20;

/** An entry as the directory of the zip lists it. */
interface Entry extends SourceFile {
  /** Byte at which its local header begins. */
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
export async function openZip(path: string): Promise<SourceFiles> {
  const file = await Deno.open(path);
  try {
    const { entries, folders } = await readDirectory(file, path);
    return {
      description: `zip "${path}"`,
      identity: "", // names, sizes and CRCs tell zips apart, wherever they lie
      files: entries,
      folders,
      // deno-lint-ignore require-await -- so that its errors are rejections
      read: async (index) => readEntry(file, entries[index]!, path),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

type ZipEntry = Awaited<ReturnType<ReturnType<typeof zipReader>["getEntries"]>>[number];

async function readDirectory(file: Deno.FsFile, path: string) {
  const entries: Entry[] = [];
  const folders: string[] = [];
  const names = new Set<string>();
  // Unsafe names are refused below, with the name in the message.
  const reader = zipReader(file, { filenameValidation: "tolerant" });
  for (const entry of await reader.getEntries().catch((error) => refuseFile(path, error))) {
    const name = entry.filename;
    if (name.split("/").includes("__MACOSX")) continue;
    const fault = names.has(name) ? "it occurs twice" : faultOf(entry);
    if (fault !== undefined) {
      throw new UserError(
        `Cannot use the zip "${path}": ${fault}, the entry "${name}". Expected plain files below ` +
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

/**
 * Why an entry is refused, or undefined. Nothing is written to the disk, but no honest zip has one.
 */
function faultOf(entry: ZipEntry): string | undefined {
  const unsafe = unsafeEntryName(entry.filename);
  if (unsafe !== undefined) return unsafe;
  if (((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000) return "it is a link";
  if (entry.encrypted) return "it is encrypted";
  if (Math.max(entry.uncompressedSize, entry.compressedSize) > maximumFileBytes) {
    return `it holds ${entry.uncompressedSize} bytes`;
  }
  return undefined;
}

function readEntry(file: Deno.FsFile, entry: Entry, path: string): Uint8Array<ArrayBuffer> {
  const damaged = (fault: string) =>
    new UserError(
      `Cannot read "${entry.name}" in the zip "${path}": ${fault}. The zip is damaged: copy it ` +
        `again from where it came from`,
    );
  const header = new DataView(bytesAt(file, entry.offset, localHeaderBytes).buffer);
  const headerLength = localHeaderLength(header);
  if (headerLength === undefined) throw damaged("no entry where one should begin");
  // A file that ends too early gives fewer bytes, which the checks below notice.
  const bytes = bytesAt(file, entry.offset + headerLength, entry.compressedSize);
  let content: Uint8Array<ArrayBuffer>;
  if (entry.method === zipMethod.stored) content = bytes;
  else if (entry.method === zipMethod.deflated) {
    try {
      // Copied, since a Buffer may share its memory with others and so cannot go to a worker.
      content = new Uint8Array(
        inflateRawSync(bytes, { maxOutputLength: Math.max(1, entry.size) }),
      );
    } catch (error) {
      throw damaged(error instanceof Error ? error.message : String(error));
    }
  } else throw damaged(`compression method ${entry.method}, expected stored or deflated`);
  if (content.length !== entry.size || crc32(content) !== entry.crc) {
    throw damaged("its size or checksum (CRC-32) differs from the directory's");
  }
  return content;
}

function refuseFile(path: string, error: unknown): never {
  throw new UserError(
    `Cannot read "${path}" as a zip file: ${error instanceof Error ? error.message : error}. ` +
      `Expected a folder, or a whole zip file of one. Check the path, or copy the file again`,
    { cause: error },
  );
}
