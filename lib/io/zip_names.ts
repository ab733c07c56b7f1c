/**
 * Names of entries in zip files: their character sets, and what no name may say.
 *
 * @module
 */
import { crc32 } from "node:zlib";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder("latin1");

/** Header of the extra field in which Info-ZIP repeats a name in UTF-8. */
const unicodePath = 0x7075;

/** A name, and whether its character set is not known. */
export interface EntryName {
  readonly name: string;
  /** The bytes are neither ASCII nor UTF-8, and were read as Latin-1. */
  readonly guessed: boolean;
}

/** Decodes a name: many programs write UTF-8 without the flag that says so, so the bytes decide. */
export function decodeName(bytes: Uint8Array<ArrayBuffer>): EntryName {
  try {
    return { name: utf8.decode(bytes), guessed: false };
  } catch {
    return { name: latin1.decode(bytes), guessed: true };
  }
}

/** The name of an entry at a position of a directory; where it is no UTF-8, an extra field may know. */
export function entryName(
  directory: DataView<ArrayBuffer>,
  at: number,
  { name, extra }: { readonly name: number; readonly extra: number },
): EntryName {
  const bytes = new Uint8Array(directory.buffer, at, name);
  const decoded = decodeName(bytes);
  if (!decoded.guessed) return decoded;
  const known = repeatedName(directory, bytes, { from: at + name, to: at + name + extra });
  return known === undefined ? decoded : { name: known, guessed: false };
}

/** The name that Info-ZIP's extra field repeats, where it is of these bytes. */
function repeatedName(
  directory: DataView<ArrayBuffer>,
  bytes: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): string | undefined {
  for (let at = from; at + 4 <= to;) {
    const end = Math.min(at + 4 + directory.getUint16(at + 2, true), to);
    const applies = directory.getUint16(at, true) === unicodePath && end > at + 9 &&
      directory.getUint32(at + 5, true) === crc32(bytes);
    if (applies) {
      try {
        return utf8.decode(new Uint8Array(directory.buffer, at + 9, end - at - 9));
      } catch {
        return undefined;
      }
    }
    at = end;
  }
  return undefined;
}

/**
 * Why an entry of this name could be written or read outside of its folder; undefined where it
 * could not. A backslash counts as a slash, as Windows takes it.
 */
export function unsafeEntryName(name: string): string | undefined {
  const path = name.replaceAll("\\", "/");
  if (path.startsWith("/") || /^[a-z]:/i.test(path)) return "its name is an absolute path";
  if (path.includes("\0")) return "its name contains a zero byte";
  if (path.split("/").includes("..")) return 'its name contains ".."';
  return undefined;
}
