/**
 * Reads the directory of a zip or zip64 file whose entries are stored uncompressed, so that their
 * bytes can be read in place. Entries may neither overlap nor leave the file; bytes between them
 * (PyTorch aligns entries) are ignored. So are checksums: PyTorch may leave them out, and tensors
 * are read in parts. Why this is no library's work: see io/zip_format.ts.
 *
 * @source PKWARE, "APPNOTE.TXT, .ZIP File Format Specification", sections 4.3 and 4.5.3.
 * @module
 */
import {
  localHeaderBytes,
  localHeaderLength,
  zipFlag,
  zipMethod,
  zipSignature,
} from "../io/zip_format.ts";
import type { ByteSource } from "./byte_source.ts";
import { quote, type Refuse } from "./refuse_reading.ts";

/** Where the bytes of an entry lie in the file. */
export interface ZipEntry {
  /** Its first byte in the file. */
  readonly position: number;
  /** Number of bytes. */
  readonly size: number;
  /** Whether the bytes are those of the entry, neither compressed nor encrypted. */
  readonly stored: boolean;
}

/** An entry as the directory lists it. */
interface ListedEntry extends Omit<ZipEntry, "position"> {
  readonly name: string;
  /** Position of the local header, which stands before the bytes. */
  readonly header: number;
}

const MAXIMUM_DIRECTORY = 2 ** 25;
const MAXIMUM_ENTRIES = 200_000;

/**
 * Lists the entries by name, in the order of the directory.
 *
 * @throws {UserError} From `refuse`, where the directory is not true of the file.
 */
export function readZipDirectory(source: ByteSource, refuse: Refuse): Map<string, ZipEntry> {
  const { position, size, count } = findDirectory(source, refuse);
  const listed = listEntries(bytesAt(source, position, size), count, refuse);
  const positions = placeEntries(source, listed, position, refuse);
  const entries = new Map<string, ZipEntry>();
  for (const entry of listed) {
    if (entries.has(entry.name)) refuse(`the entry ${quote(entry.name)} twice`);
    const { size, stored } = entry;
    entries.set(entry.name, { position: positions.get(entry)!, size, stored });
  }
  return entries;
}

/**
 * The first byte of each entry. In the order of the file, each entry must begin where the one
 * before it ends, or later, and the last one must end before the directory.
 *
 * @param limit Position of the directory.
 */
function placeEntries(
  source: ByteSource,
  listed: readonly ListedEntry[],
  limit: number,
  refuse: Refuse,
): Map<ListedEntry, number> {
  const positions = new Map<ListedEntry, number>();
  let end = 0;
  for (const entry of listed.toSorted((a, b) => a.header - b.header)) {
    if (entry.header < end) refuse(`the entry ${quote(entry.name)} within the one before it`);
    const first = passHeader(source, entry, limit, refuse);
    positions.set(entry, first);
    end = first + entry.size;
    if (end > limit) {
      refuse(
        `${entry.size} bytes for the entry ${quote(entry.name)}, expected at most ` +
          `${limit - first}`,
      );
    }
  }
  return positions;
}

/** Finds the directory by the record at the end of the file. */
function findDirectory(source: ByteSource, refuse: Refuse) {
  const length = Math.min(source.size, 22 + 0xffff);
  const start = source.size - length;
  const tail = bytesAt(source, start, length);
  let at = length - 22;
  while (
    at >= 0 && !(tail.getUint32(at, true) === zipSignature.end && endsAt(tail, at) === length)
  ) at--;
  if (at < 0) return refuse("a zip file without its directory");
  const end = start + at;
  const small = {
    count: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    position: tail.getUint32(at + 16, true),
  };
  const { record, ...directory } = findDirectory64(source, end, refuse) ??
    { record: end, ...small };
  const { count, size, position } = directory;
  if (position + size !== record) {
    refuse(`a directory of ${size} bytes at ${position}, expected its end at ${record}`);
  }
  if (size > MAXIMUM_DIRECTORY || count > MAXIMUM_ENTRIES) {
    refuse(
      `a directory of ${count} entries in ${size} bytes, expected at most ` +
        `${MAXIMUM_ENTRIES} in ${MAXIMUM_DIRECTORY}`,
    );
  }
  return directory;
}

/** Where the record at `at` ends, by the length of the comment that it claims. */
function endsAt(tail: DataView, at: number): number {
  return at + 22 + tail.getUint16(at + 20, true);
}

/** The directory by the zip64 record, which PyTorch writes even where 32 bits are enough. */
function findDirectory64(source: ByteSource, end: number, refuse: Refuse) {
  if (end < 76) return undefined;
  const locator = bytesAt(source, end - 20, 20);
  if (locator.getUint32(0, true) !== zipSignature.locator64) return undefined;
  const record = exact(locator, 8);
  if (!(record <= end - 76)) return refuse(`a zip64 record at byte ${record}`);
  const view = bytesAt(source, record, 56);
  if (view.getUint32(0, true) !== zipSignature.end64) {
    return refuse(`no zip64 record at byte ${record}`);
  }
  return { record, count: exact(view, 32), size: exact(view, 40), position: exact(view, 48) };
}

function listEntries(
  directory: DataView<ArrayBuffer>,
  count: number,
  refuse: Refuse,
): ListedEntry[] {
  const listed: ListedEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (
      at + 46 > directory.byteLength ||
      directory.getUint32(at, true) !== zipSignature.directoryEntry
    ) {
      refuse(`${i} entries in the directory, expected ${count}`);
    }
    const lengths = [28, 30, 32].map((field) => directory.getUint16(at + field, true));
    const [name = 0, extra = 0, comment = 0] = lengths;
    const end = at + 46 + name + extra + comment;
    if (end > directory.byteLength) refuse("a directory that is cut short");
    listed.push(entryAt(directory, at, { name, extra }, refuse));
    at = end;
  }
  if (at !== directory.byteLength) refuse(`more than the ${count} entries that were announced`);
  return listed;
}

function entryAt(
  directory: DataView<ArrayBuffer>,
  at: number,
  { name: nameLength, extra }: { readonly name: number; readonly extra: number },
  refuse: Refuse,
): ListedEntry {
  const name = textAt(directory, at + 46, nameLength);
  const wide = wideFields(directory, at + 46 + nameLength, extra);
  // Numbers that do not fit 32 bits are in the extra field, in this order.
  const [size, packed, header] = [24, 20, 42].map((field) => {
    const value = directory.getUint32(at + field, true);
    return value === 0xffffffff ? wide.shift() : value;
  });
  if (size === undefined || packed === undefined || header === undefined) {
    return refuse(`no size for the entry ${quote(name)}`);
  }
  const encrypted = (directory.getUint16(at + 8, true) & zipFlag.encrypted) !== 0;
  const stored = directory.getUint16(at + 10, true) === zipMethod.stored && !encrypted;
  if (stored && packed !== size) {
    refuse(`${packed} bytes for the entry ${quote(name)}, expected ${size}`);
  }
  return { name, size: packed, header, stored };
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

/** The first byte of the entry, after a local header that must agree with the directory. */
function passHeader(
  source: ByteSource,
  entry: ListedEntry,
  limit: number,
  refuse: Refuse,
): number {
  const { name, header } = entry;
  if (!(header + localHeaderBytes <= limit)) {
    return refuse(`the entry ${quote(name)} at byte ${header}`);
  }
  const view = bytesAt(source, header, localHeaderBytes);
  const length = localHeaderLength(view);
  if (length === undefined || header + length > limit) {
    return refuse(`no entry ${quote(name)} at byte ${header}`);
  }
  const nameLength = view.getUint16(26, true);
  const repeated = bytesAt(source, header + localHeaderBytes, nameLength);
  if (textAt(repeated, 0, nameLength) !== name) {
    return refuse(`another entry at byte ${header}, expected ${quote(name)}`);
  }
  return header + length;
}

/** A 64-bit number; Infinity beyond exact integers, which fails every check. */
function exact(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
}

function textAt(view: DataView<ArrayBuffer>, at: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, at, length));
}

function bytesAt(source: ByteSource, position: number, length: number): DataView<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  source.read(position, bytes);
  return new DataView(bytes.buffer);
}
