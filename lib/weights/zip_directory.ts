/**
 * Locates the bytes of the entries of a zip file, so that stored ones can be read in place. Entries
 * may neither overlap nor leave the file; bytes between them (PyTorch aligns entries) are ignored.
 * So are checksums: PyTorch may leave them out, and tensors are read in parts.
 *
 * @module
 */
import { listZip, viewOf, type ZipEntry as ListedEntry } from "../io/zip_directory.ts";
import { localHeaderBytes, localHeaderLength, zipMethod } from "../io/zip_format.ts";
import { decodeName } from "../io/zip_names.ts";
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

const bounds = { directory: 2 ** 25, entries: 200_000 };

/**
 * Lists the entries by name, in the order of the directory.
 *
 * @throws {UserError} From `refuse`, where the directory is not true of the file.
 */
export function readZipDirectory(source: ByteSource, refuse: Refuse): Map<string, ZipEntry> {
  const listed = listZip(source, refuse, bounds);
  const positions = placeEntries(source, listed.entries, listed.position, refuse);
  const entries = new Map<string, ZipEntry>();
  for (const entry of listed.entries) {
    const { name, packed, method, encrypted } = entry;
    if (entries.has(name)) refuse(`the entry ${quote(name)} twice`);
    const stored = method === zipMethod.stored && !encrypted;
    entries.set(name, { position: positions.get(entry)!, size: packed, stored });
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
    const { name, header, method, encrypted, size, packed } = entry;
    if (method === zipMethod.stored && !encrypted && packed !== size) {
      refuse(`${packed} bytes for the entry ${quote(name)}, expected ${size}`);
    }
    if (header < end) refuse(`the entry ${quote(name)} within the one before it`);
    const first = passHeader(source, entry, limit, refuse);
    positions.set(entry, first);
    end = first + packed;
    if (end > limit) {
      refuse(`${packed} bytes for the entry ${quote(name)}, expected at most ${limit - first}`);
    }
  }
  return positions;
}

/** The first byte of the entry, after a local header that must agree with the directory. */
function passHeader(
  source: ByteSource,
  { name, header }: ListedEntry,
  limit: number,
  refuse: Refuse,
): number {
  if (!(header + localHeaderBytes <= limit)) {
    return refuse(`the entry ${quote(name)} at byte ${header}`);
  }
  const view = viewOf(source, header, localHeaderBytes);
  const length = localHeaderLength(view);
  if (length === undefined || header + length > limit) {
    return refuse(`no entry ${quote(name)} at byte ${header}`);
  }
  const repeated = viewOf(source, header + localHeaderBytes, view.getUint16(26, true));
  if (decodeName(new Uint8Array(repeated.buffer)).name !== name) {
    return refuse(`another entry at byte ${header}, expected ${quote(name)}`);
  }
  return header + length;
}
