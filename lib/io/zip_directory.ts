/**
 * Lists the directory of a zip or zip64 file, of image sets, wheels and checkpoints alike. Nothing
 * is unpacked; entries may neither overlap nor reach into the directory, which honest zip programs
 * never write.
 *
 * @source PKWARE, "APPNOTE.TXT, .ZIP File Format Specification", sections 4.3 to 4.5.
 * @module
 */
import { quote } from "../errors/quote.ts";
import { UserError } from "../errors/user_error.ts";
import { readAt } from "./positioned_file.ts";
import { localHeaderBytes, zipFlag, zipSignature } from "./zip_format.ts";
import { entryName } from "./zip_names.ts";

/** Bytes of a zip file, read by position. */
export interface ZipBytes {
  /** Size of the file. */
  readonly size: number;
  /** Fills `into` from a position on; throws where the file ends before. */
  read(position: number, into: Uint8Array): void;
}

/** Throws an error that says what was found and, where it is known, what to do. */
export type RefuseZip = (fault: string, advice?: string) => never;

/** An entry as the directory lists it. */
export interface ZipEntry {
  /** As it is written there; a folder's ends in "/". */
  readonly name: string;
  /** Whether the name is neither ASCII nor UTF-8, and was read as Latin-1. */
  readonly guessedName: boolean;
  /** Bytes once unpacked. */
  readonly size: number;
  /** Bytes in the file. */
  readonly packed: number;
  /** How it is compressed: a number of `zipMethod`. */
  readonly method: number;
  readonly encrypted: boolean;
  /** CRC-32 of the unpacked bytes. */
  readonly crc: number;
  /** Whether it is a symbolic link. */
  readonly link: boolean;
  /** Position of the local header, which stands before the bytes. */
  readonly header: number;
}

/** The entries of a zip file. */
export interface ZipDirectory {
  /** In the order of the directory. */
  readonly entries: readonly ZipEntry[];
  /** Where the directory begins and all entries have ended. */
  readonly position: number;
}

/** What a directory may hold at most. */
export interface ZipBounds {
  /** Number of entries. */
  readonly entries: number;
  /** Bytes of the directory itself. */
  readonly directory: number;
}

/**
 * Lists the entries of a zip file.
 *
 * @throws By `refuse`, where the directory is damaged, not true of the file, or larger than `bounds`.
 */
export function listZip(source: ZipBytes, refuse: RefuseZip, bounds: ZipBounds): ZipDirectory {
  const { position, size, count } = findDirectory(source, refuse);
  if (size > bounds.directory || count > bounds.entries) {
    refuse(
      `a directory of ${count} entries in ${size} bytes, expected at most ${bounds.entries} ` +
        `entries in ${bounds.directory} bytes`,
      "Divide it into several zip files",
    );
  }
  const entries = parseDirectory(viewOf(source, position, size), { count, bounds }, refuse);
  refuseOverlaps(entries, position, refuse);
  return { entries, position };
}

/**
 * An open file as the bytes of a zip.
 *
 * @param path names it in the error of {@linkcode ZipBytes.read} at its end.
 */
export function fileBytes(file: Deno.FsFile, path: string): ZipBytes {
  return {
    size: file.statSync().size,
    read: (position, into) => {
      if (readAt(file, position, into) < into.length) {
        throw new UserError(
          `Cannot read "${path}": found its end before byte ${
            position + into.length
          }. The file is ` +
            "cut short, or changes while it is read: copy it again",
        );
      }
    },
  };
}

/** The view of bytes at a position. */
export function viewOf(source: ZipBytes, position: number, length: number): DataView<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  source.read(position, bytes);
  return new DataView(bytes.buffer);
}

/**
 * Refuses entries that share bytes, by which a small file would unpack to a huge one. A local header
 * is at least as long as its name, so this needs no reading.
 */
function refuseOverlaps(entries: readonly ZipEntry[], limit: number, refuse: RefuseZip): void {
  const sorted = entries.toSorted((a, b) => a.header - b.header);
  let end = 0;
  for (const { name, header, packed } of sorted) {
    if (header < end) refuse(`the entry ${quote(name)} within the one before it`);
    end = header + localHeaderBytes + packed;
    if (!(end <= limit)) {
      refuse(
        `${packed} bytes for the entry ${quote(name)} at byte ${header}, expected its end before ` +
          `the directory at ${limit}`,
      );
    }
  }
}

/** Finds the directory by the record at the end of the file. */
function findDirectory(source: ZipBytes, refuse: RefuseZip) {
  const length = Math.min(source.size, 22 + 0xffff);
  const start = source.size - length;
  const tail = viewOf(source, start, length);
  let at = length - 22;
  while (
    at >= 0 && !(tail.getUint32(at, true) === zipSignature.end && endsAt(tail, at) === length)
  ) at--;
  if (at < 0) return refuse("a zip file without its directory");
  const end = start + at;
  const disks = Math.max(tail.getUint16(at + 4, true), tail.getUint16(at + 6, true));
  if (disks > 0 && disks < 0xffff) {
    refuse(
      `the last of ${disks + 1} parts of a divided zip`,
      "Join the parts first: zip -s 0 NAME.zip --out whole.zip",
    );
  }
  const small = {
    count: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    position: tail.getUint32(at + 16, true),
  };
  const { record, ...directory } = findDirectory64(source, end, refuse) ??
    { record: end, ...small };
  const { size, position } = directory;
  if (position + size !== record) {
    refuse(`a directory of ${size} bytes at ${position}, expected its end at ${record}`);
  }
  return directory;
}

/** Where the record at `at` ends, by the length of the comment that it claims. */
function endsAt(tail: DataView, at: number): number {
  return at + 22 + tail.getUint16(at + 20, true);
}

/** The directory by the zip64 record, which PyTorch writes even where 32 bits are enough. */
function findDirectory64(source: ZipBytes, end: number, refuse: RefuseZip) {
  if (end < 76) return undefined;
  const locator = viewOf(source, end - 20, 20);
  if (locator.getUint32(0, true) !== zipSignature.locator64) return undefined;
  const record = exact(locator, 8);
  if (!(record <= end - 76)) return refuse(`a zip64 record at byte ${record}`);
  const view = viewOf(source, record, 56);
  if (view.getUint32(0, true) !== zipSignature.end64) {
    return refuse(`no zip64 record at byte ${record}`);
  }
  return { record, count: exact(view, 32), size: exact(view, 40), position: exact(view, 48) };
}

function parseDirectory(
  directory: DataView<ArrayBuffer>,
  { count, bounds }: { readonly count: number; readonly bounds: ZipBounds },
  refuse: RefuseZip,
): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (at < directory.byteLength && entries.length < bounds.entries) {
    if (
      at + 46 > directory.byteLength ||
      directory.getUint32(at, true) !== zipSignature.directoryEntry
    ) {
      refuse(`${entries.length} entries in the directory, expected ${count}`);
    }
    const name = directory.getUint16(at + 28, true), extra = directory.getUint16(at + 30, true);
    const end = at + 46 + name + extra + directory.getUint16(at + 32, true);
    if (end > directory.byteLength) refuse("a directory that is cut short");
    entries.push(entryAt(directory, at, { name, extra }, refuse));
    at = end;
  }
  // Some programs, as that of macOS, keep only the lower 16 bits of the count.
  const counted = entries.length === count ||
    count < 0xffff && entries.length % 0x10000 === count;
  if (at !== directory.byteLength || !counted) {
    refuse(`${entries.length} entries in the directory, expected ${count}`);
  }
  return entries;
}

function entryAt(
  directory: DataView<ArrayBuffer>,
  at: number,
  lengths: { readonly name: number; readonly extra: number },
  refuse: RefuseZip,
): ZipEntry {
  const flags = directory.getUint16(at + 8, true);
  const { name, guessed } = entryName(directory, at + 46, lengths);
  const wide = wideFields(directory, at + 46 + lengths.name, lengths.extra);
  // Numbers that do not fit 32 bits are in the extra field, in this order.
  const [size, packed, header] = [24, 20, 42].map((field) => {
    const value = directory.getUint32(at + field, true);
    return value === 0xffffffff ? wide.shift() : value;
  });
  if (size === undefined || packed === undefined || header === undefined) {
    return refuse(`no size for the entry ${quote(name)}`);
  }
  return {
    name,
    guessedName: guessed,
    size,
    packed,
    method: directory.getUint16(at + 10, true),
    encrypted: (flags & zipFlag.encrypted) !== 0,
    crc: directory.getUint32(at + 16, true),
    link: (directory.getUint16(at + 40, true) & 0o170000) === 0o120000,
    header,
  };
}

/** The 64-bit numbers of the extra field that zip64 adds. */
function wideFields(view: DataView, start: number, length: number): number[] {
  for (let at = start; at + 4 <= start + length;) {
    const size = view.getUint16(at + 2, true);
    const end = Math.min(at + 4 + size, start + length);
    if (view.getUint16(at, true) === 1) {
      return Array.from(
        { length: Math.floor((end - at - 4) / 8) },
        (_, i) => exact(view, at + 4 + 8 * i),
      );
    }
    at = end;
  }
  return [];
}

/** A 64-bit number; Infinity beyond exact integers, which fails every check. */
function exact(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
}
