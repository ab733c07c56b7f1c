/**
 * Writes zip files whose entries are stored uncompressed, each at a multiple of 64 bytes, as
 * PyTorch lays them out so that they can be mapped into memory.
 *
 * @source PKWARE, "APPNOTE.TXT, .ZIP File Format Specification", section 4.3.
 * @module
 */
import { crc32 } from "node:zlib";
import { UserError } from "../errors/user_error.ts";
import { localHeaderBytes, zipFlag, zipMethod, zipSignature } from "../io/zip_format.ts";

/** A file to put into a zip file. */
export interface StoredEntry {
  /** Its path in the zip file. */
  readonly name: string;
  /** Its content. */
  readonly bytes: Uint8Array;
}

const ALIGNMENT = 64;
/** 1 January 1980, the first day of the format, so that equal content gives equal bytes. */
const DATE = 0x21;

/**
 * The bytes of a zip file, piece by piece; no piece but the content of an entry is large.
 *
 * @throws {UserError} Where the file would be larger than 4 GB.
 */
export function* encodeStoredZip(entries: readonly StoredEntry[]): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of entries) {
    const encoded = new TextEncoder().encode(name);
    const padding = paddingAt(at + localHeaderBytes + encoded.length);
    const common = commonFields(encoded, bytes);
    const local = Uint8Array.of(
      ...u32(zipSignature.localHeader),
      ...common,
      ...u16(padding.length),
      ...encoded,
    );
    const listed = [
      ...u32(zipSignature.directoryEntry),
      ...u16(20),
      ...common,
      ...u16(0),
      ...new Uint8Array(10),
    ];
    directory.push(Uint8Array.of(...listed, ...u32(at), ...encoded));
    yield* [local, padding, bytes];
    at += local.length + padding.length + bytes.length;
    if (at > 0xffff0000) {
      throw new UserError(
        `Cannot write the zip file: found more than 4 GB at "${name}". Divide it into several`,
      );
    }
  }
  yield* directory;
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  if (entries.length >= 0xffff) yield largeEnd(entries.length, { size, at });
  const count = u16(Math.min(entries.length, 0xffff));
  yield Uint8Array.of(
    ...u32(zipSignature.end),
    ...u32(0),
    ...count,
    ...count,
    ...u32(size),
    ...u32(at),
    ...u16(0),
  );
}

/** The last records in 64 bits, of more entries than the old one can count. */
function largeEnd(
  count: number,
  { size, at }: { readonly size: number; readonly at: number },
): Uint8Array {
  const u64 = (value: number) => [...u32(value), ...u32(0)]; // the file has at most 4 GB
  return Uint8Array.of(
    ...[...u32(zipSignature.end64), ...u64(44), ...u16(45), ...u16(45), ...u64(0)],
    ...[...u64(count), ...u64(count), ...u64(size), ...u64(at)],
    ...[...u32(zipSignature.locator64), ...u32(0), ...u64(at + size), ...u32(1)],
  );
}

/** Fields that the local header and the directory share. */
function commonFields(name: Uint8Array, bytes: Uint8Array): number[] {
  const version = 20, time = 0;
  return [
    ...[version, zipFlag.utf8, zipMethod.stored, time, DATE].flatMap(u16),
    ...[crc32(bytes), bytes.length, bytes.length].flatMap(u32),
    ...u16(name.length),
  ];
}

/** An extra field, named "FB" as PyTorch's, that ends at a multiple of {@link ALIGNMENT}. */
function paddingAt(position: number): Uint8Array {
  const length = (ALIGNMENT - (position + 4) % ALIGNMENT) % ALIGNMENT;
  return Uint8Array.of(0x46, 0x42, ...u16(length), ...new Uint8Array(length));
}

function u16(value: number): number[] {
  return [value & 0xff, value >>> 8 & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value & 0xffff), ...u16(value >>> 16)];
}
