/**
 * The directory of a zip file whose entries are stored as they are, so that their bytes can be read
 * in place. Zip64 too. Entries may neither overlap nor leave the file; what lies between them
 * (PyTorch aligns) is ignored. Checksums are not: PyTorch may leave them out, and tensors are read
 * in parts.
 *
 * @source PKWARE, "APPNOTE.TXT, .ZIP File Format Specification", sections 4.3 and 4.5.3.
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { quote, type Refuse } from "./refuse_reading.ts";

/** Where the bytes of an entry lie in the file. */
export interface ZipEntry {
  readonly position: number;
  readonly size: number;
  /** Whether these are the entry's bytes, or what compression or encryption made of them. */
  readonly stored: boolean;
}

interface Listed extends Omit<ZipEntry, "position"> {
  readonly name: string;
  /** Position of the header that repeats the name before the bytes. */
  readonly header: number;
}

const END = 0x06054b50, END64 = 0x06064b50, LOCATOR64 = 0x07064b50;
const LISTED = 0x02014b50, LOCAL = 0x04034b50;
const MAXIMUM_DIRECTORY = 2 ** 25;
const MAXIMUM_ENTRIES = 200_000;

/** The entries by name, in the order of the directory. */
export function readZipDirectory(source: ByteSource, refuse: Refuse): Map<string, ZipEntry> {
  const { position, size, count } = findDirectory(source, refuse);
  const listed = listEntries(bytesAt(source, position, size), count, refuse);
  const entries = new Map<string, ZipEntry>();
  let end = 0;
  // Sorted by position, each must begin where the one before it ends, or later.
  const placed = listed.toSorted((a, b) => a.header - b.header);
  const positions = new Map<Listed, number>();
  for (const entry of placed) {
    if (entry.header < end) refuse(`the entry ${quote(entry.name)} within the one before it`);
    const first = passHeader(source, entry, position, refuse);
    positions.set(entry, first);
    end = first + entry.size;
    if (end > position) {
      refuse(
        `${entry.size} bytes for the entry ${quote(entry.name)}, expected at most ` +
          `${position - first}`,
      );
    }
  }
  for (const entry of listed) {
    if (entries.has(entry.name)) refuse(`the entry ${quote(entry.name)} twice`);
    const { size, stored } = entry;
    entries.set(entry.name, { position: positions.get(entry)!, size, stored });
  }
  return entries;
}

/** The record at the end of the file says where the directory lies. */
function findDirectory(source: ByteSource, refuse: Refuse) {
  const length = Math.min(source.size, 22 + 0xffff);
  const start = source.size - length;
  const tail = bytesAt(source, start, length);
  let at = length - 22;
  while (at >= 0 && !(tail.getUint32(at, true) === END && endsAt(tail, at) === length)) at--;
  if (at < 0) return refuse("a zip file without its directory");
  const end = start + at;
  const small = {
    count: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    position: tail.getUint32(at + 16, true),
  };
  const { record, ...found } = findDirectory64(source, end, refuse) ?? { record: end, ...small };
  if (found.position + found.size !== record) {
    refuse(
      `a directory of ${found.size} bytes at ${found.position}, expected its end at ${record}`,
    );
  }
  if (found.size > MAXIMUM_DIRECTORY || found.count > MAXIMUM_ENTRIES) {
    refuse(
      `a directory of ${found.count} entries in ${found.size} bytes, expected at most ` +
        `${MAXIMUM_ENTRIES} in ${MAXIMUM_DIRECTORY}`,
    );
  }
  return found;
}

/** Where the record ends by its own account, a comment of that length included. */
function endsAt(tail: DataView, at: number): number {
  return at + 22 + tail.getUint16(at + 20, true);
}

/** PyTorch writes this record always, whether 32 bits are too few or not. */
function findDirectory64(source: ByteSource, end: number, refuse: Refuse) {
  if (end < 76) return undefined;
  const locator = bytesAt(source, end - 20, 20);
  if (locator.getUint32(0, true) !== LOCATOR64) return undefined;
  const record = exact(locator, 8);
  if (!(record <= end - 76)) return refuse(`a zip64 record at byte ${record}`);
  const view = bytesAt(source, record, 56);
  if (view.getUint32(0, true) !== END64) return refuse(`no zip64 record at byte ${record}`);
  return { record, count: exact(view, 32), size: exact(view, 40), position: exact(view, 48) };
}

function listEntries(directory: DataView<ArrayBuffer>, count: number, refuse: Refuse): Listed[] {
  const listed: Listed[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== LISTED) {
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
): Listed {
  const name = textAt(directory, at + 46, nameLength);
  const wide = wideFields(directory, at + 46 + nameLength, extra);
  // In this order, those that do not fit 32 bits stand in the extra field.
  const [size, packed, header] = [24, 20, 42].map((field) => {
    const value = directory.getUint32(at + field, true);
    return value === 0xffffffff ? wide.shift() : value;
  });
  if (size === undefined || packed === undefined || header === undefined) {
    return refuse(`no size for the entry ${quote(name)}`);
  }
  const encrypted = (directory.getUint16(at + 8, true) & 1) !== 0;
  const stored = directory.getUint16(at + 10, true) === 0 && !encrypted;
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

/** The first byte of the entry, behind a header that must agree with the directory. */
function passHeader(source: ByteSource, entry: Listed, limit: number, refuse: Refuse): number {
  const { name, header } = entry;
  if (!(header + 30 <= limit)) return refuse(`the entry ${quote(name)} at byte ${header}`);
  const view = bytesAt(source, header, 30);
  const nameLength = view.getUint16(26, true), extra = view.getUint16(28, true);
  const first = header + 30 + nameLength + extra;
  if (view.getUint32(0, true) !== LOCAL || first > limit) {
    return refuse(`no entry ${quote(name)} at byte ${header}`);
  }
  const repeated = bytesAt(source, header + 30, nameLength);
  if (textAt(repeated, 0, nameLength) !== name) {
    return refuse(`another entry at byte ${header}, expected ${quote(name)}`);
  }
  return first;
}

/** A 64-bit number; beyond exact ones it is Infinity, which no check lets pass. */
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
