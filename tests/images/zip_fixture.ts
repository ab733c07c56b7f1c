import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

/** One entry of {@linkcode makeZip}. */
export interface ZipEntryOptions {
  /** Text, or bytes in another character set. */
  readonly name: string | Uint8Array;
  readonly content?: Uint8Array | string;
  readonly deflate?: boolean;
  /** Number of the method in the headers. Default: what `deflate` says. */
  readonly method?: number;
  /** Unix mode, such as 0o120777 for a link. */
  readonly mode?: number;
  /** General purpose flags; bit 0 says encrypted. */
  readonly flags?: number;
  /** Uncompressed size in the directory. Default: the true one. */
  readonly claimedSize?: number;
}

/** Writes a zip byte by byte, also invalid and hostile ones. */
export function makeZip(entries: readonly ZipEntryOptions[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const { name, content = "", deflate = false, mode = 0, flags = 0, ...entry } of entries) {
    const plain = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const data = deflate ? new Uint8Array(deflateRawSync(plain)) : plain;
    const encoded = typeof name === "string" ? new TextEncoder().encode(name) : name;
    const size = entry.claimedSize ?? plain.length;
    const shared = words([
      [2, 20],
      [2, flags],
      [2, entry.method ?? (deflate ? 8 : 0)],
      [4, 0x00210000], // 1980-01-01
      [4, crc32(plain)],
      [4, data.length],
      [4, size],
      [2, encoded.length],
      [2, 0],
    ]);
    directory.push(
      words([[4, 0x02014b50], [2, 0x0314]]),
      shared,
      words([[2, 0], [2, 0], [2, 0], [4, mode * 0x10000], [4, offset]]),
      encoded,
    );
    parts.push(words([[4, 0x04034b50]]), shared, encoded, data);
    offset += 30 + encoded.length + data.length;
  }
  const count = entries.length;
  const length = directory.reduce((sum, part) => sum + part.length, 0);
  const end = words([
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, length],
    [4, offset],
    [2, 0],
  ]);
  return join([...parts, ...directory, end]);
}

function words(fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Uint8Array {
  return join(fields.map(([bytes, value]) => {
    const view = new DataView(new ArrayBuffer(bytes));
    if (bytes === 2) view.setUint16(0, value, true);
    else view.setUint32(0, value, true);
    return new Uint8Array(view.buffer);
  }));
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let position = 0;
  for (const part of parts) {
    result.set(part, position);
    position += part.length;
  }
  return result;
}

/** Unpacks a zip into a new folder by the system's own names: a backslash parts them, too. */
export async function unpackZip(path: string, folder: string): Promise<void> {
  const bytes = await Deno.readFile(path), view = new DataView(bytes.buffer);
  let at = view.getUint32(bytes.length - 6, true);
  await Deno.mkdir(folder, { recursive: true });
  while (view.getUint32(at, true) === 0x02014b50) {
    const field = (offset: number) => view.getUint16(at + offset, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + field(28)));
    const target = `${folder}/${name.replaceAll("\\", "/")}`;
    const header = view.getUint32(at + 42, true);
    const begin = header + 30 + view.getUint16(header + 26, true) +
      view.getUint16(header + 28, true);
    const packed = bytes.subarray(begin, begin + view.getUint32(at + 20, true));
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    if (!target.endsWith("/")) {
      await Deno.writeFile(target, field(10) === 8 ? inflateRawSync(packed) : packed);
    }
    at += 46 + field(28) + field(30) + field(32);
  }
}
