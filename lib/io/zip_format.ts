/**
 * Parts of the zip format that its readers and its writer share.
 *
 * @source PKWARE, "APPNOTE.TXT, .ZIP File Format Specification", sections 4.3 and 4.4.
 * @module
 */

/** First four bytes of each record, as a little-endian number. */
export const zipSignature = {
  /** Before the bytes of each entry. */
  localHeader: 0x04034b50,
  /** Before each entry of the directory. */
  directoryEntry: 0x02014b50,
  /** Before the last record, which locates the directory. */
  end: 0x06054b50,
  /** Before the last record in 64 bits. */
  end64: 0x06064b50,
  /** Before the record that locates {@linkcode zipSignature.end64}. */
  locator64: 0x07064b50,
} as const;

/** How the bytes of an entry are compressed. */
export const zipMethod = { stored: 0, deflated: 8 } as const;

/** Names of methods that are recognised but not unpacked. */
const otherMethods: Readonly<Record<number, string>> = {
  1: "shrink",
  6: "implode",
  9: "deflate64",
  12: "bzip2",
  14: "lzma",
  93: "zstd",
  95: "xz",
  98: "ppmd",
  99: "encryption by AES",
};

/** What a method is called, such as "bzip2"; else its number. */
export function methodName(method: number): string {
  return otherMethods[method] ?? `method ${method}`;
}

/** General purpose flags of an entry. */
export const zipFlag = { encrypted: 1, utf8: 1 << 11 } as const;

/** Bytes of a local header before the name. */
export const localHeaderBytes = 30;

/**
 * Bytes from the beginning of a local header to those of its entry. The header repeats the name,
 * and may have other extra fields than the directory, so this cannot be known from the directory.
 *
 * @param header The first {@linkcode localHeaderBytes} bytes.
 * @returns undefined where no local header begins there.
 */
export function localHeaderLength(header: DataView): number | undefined {
  if (header.byteLength < localHeaderBytes) return undefined;
  if (header.getUint32(0, true) !== zipSignature.localHeader) return undefined;
  return localHeaderBytes + header.getUint16(26, true) + header.getUint16(28, true);
}
