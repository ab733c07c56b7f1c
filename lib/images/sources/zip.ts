import { crc32, inflateRawSync } from "node:zlib";
import { quote } from "../../errors/quote.ts";
import { UserError } from "../../errors/user_error.ts";
import { fileBytes, listZip, viewOf, type ZipEntry } from "../../io/zip_directory.ts";
import { localHeaderBytes, localHeaderLength, methodName, zipMethod } from "../../io/zip_format.ts";
import { unsafeEntryName } from "../../io/zip_names.ts";
import { imageEndings } from "../codec/image_formats.ts";
import { endingOf, isSystemName, normalName } from "./names.ts";
import type { SourceFile, SourceFiles } from "../source_files.ts";

/** No photo is larger; a zip that claims more is damaged, or meant to fill the memory. */
const maximumFileBytes = 256 * 2 ** 20;
/** ImageNet has 1.4 million entries of 60 bytes. */
const bounds = { entries: 4_000_000, directory: 2 ** 29 };
/** Deflate makes nothing smaller than a 1,032nd. */
const highestRatio = 1032;

/**
 * Opens a zip file and reads its directory; nothing is unpacked to the disk. Entries may be stored
 * or deflated, and are read by position.
 *
 * @throws {UserError} Where the file is no zip, or a name in it is absolute or contains "..", or is a
 *   link, or where an image is encrypted, packed by another method, or larger than 256 MiB.
 */
export async function openZip(path: string): Promise<SourceFiles> {
  const file = await Deno.open(path);
  try {
    const { entries, folders, guessed } = readDirectory(file, path);
    return {
      description: `zip "${path}"`,
      identity: "", // names, sizes and CRCs tell zips apart, wherever they lie
      files: entries.map(({ name, size, crc }): SourceFile => ({
        name,
        size,
        stamp: crc.toString(16),
      })),
      folders,
      remarks: guessed === 0 ? undefined : [
        `${guessed} ${guessed === 1 ? "name is" : "names are"} not in UTF-8, read as Latin-1`,
      ],
      // deno-lint-ignore require-await -- so that its errors are rejections
      read: async (index) => readEntry(file, entries[index]!, path),
      close: () => file.close(),
    };
  } catch (error) {
    file.close();
    throw error;
  }
}

function readDirectory(file: Deno.FsFile, path: string) {
  const refuse = (fault: string, advice?: string): never => {
    throw new UserError(
      `Cannot read "${path}" as a zip file: found ${fault}. ` +
        (advice ?? "Expected a folder, or a whole zip file of one. Check the path, or copy the " +
            "file again"),
    );
  };
  const entries: ZipEntry[] = [];
  const folders: string[] = [];
  let guessed = 0;
  for (const entry of listZip(fileBytes(file, path), refuse, bounds).entries) {
    const fault = unsafeEntryName(entry.name) ?? (entry.link ? "it is a link" : undefined);
    if (fault !== undefined) {
      refuseEntry(
        path,
        entry,
        fault,
        "plain files below the zip's own root. Pack the folder again with an ordinary zip program",
      );
    }
    const written = entry.name.replaceAll("\\", "/");
    const name = normalName(written);
    if (name === "" || name.split("/").some(isSystemName)) continue;
    if (entry.guessedName) guessed++;
    if (written.endsWith("/")) folders.push(name);
    else {
      if (imageEndings.has(endingOf(name))) refuseImage(path, entry);
      entries.push({ ...entry, name });
    }
  }
  return { entries, folders, guessed };
}

/** Refuses an image that cannot be read, before the first is. Other entries are only listed. */
function refuseImage(path: string, entry: ZipEntry): void {
  const { size, packed, method, encrypted } = entry;
  if (encrypted) {
    refuseEntry(
      path,
      entry,
      "it is encrypted",
      "plain files. Unpack it with its password, and pack the folder again without one",
    );
  }
  if (method !== zipMethod.stored && method !== zipMethod.deflated) {
    refuseEntry(
      path,
      entry,
      `it is packed by ${methodName(method)}`,
      "stored or deflated files. Unpack it, and pack it again as deflate: zip -r NEW.zip FOLDER",
    );
  }
  if (Math.max(size, packed) > maximumFileBytes || size > highestRatio * (packed + 1)) {
    refuseEntry(
      path,
      entry,
      `it claims ${size} bytes, packed in ${packed}`,
      "images of at most 256 MiB, no more than deflate can pack. Leave it out, or make it smaller",
    );
  }
}

function refuseEntry(path: string, { name }: ZipEntry, fault: string, expected: string): never {
  throw new UserError(
    `Cannot use the zip "${path}": ${fault}, the entry ${quote(name)}. Expected ${expected}`,
  );
}

function readEntry(file: Deno.FsFile, entry: ZipEntry, path: string): Uint8Array<ArrayBuffer> {
  refuseImage(path, entry); // other files than images, such as tables of labels, come here first
  const damaged = (fault: string) =>
    new UserError(
      `Cannot read "${entry.name}" in the zip "${path}": ${fault}. The zip is damaged: copy it ` +
        `again from where it came from`,
    );
  const source = fileBytes(file, path);
  const length = localHeaderLength(viewOf(source, entry.header, localHeaderBytes));
  if (length === undefined) throw damaged("no entry where one should begin");
  const bytes = new Uint8Array(entry.packed);
  source.read(entry.header + length, bytes);
  const content = entry.method === zipMethod.stored ? bytes : inflate(bytes, entry.size, damaged);
  if (content.length !== entry.size || crc32(content) !== entry.crc) {
    throw damaged("its size or checksum (CRC-32) differs from the directory's");
  }
  return content;
}

function inflate(
  bytes: Uint8Array,
  size: number,
  damaged: (fault: string) => UserError,
): Uint8Array<ArrayBuffer> {
  try {
    // Copied, since a Buffer may share its memory with others and so cannot go to a worker.
    return new Uint8Array(inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) }));
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}
