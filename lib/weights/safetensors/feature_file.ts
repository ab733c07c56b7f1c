/** A safetensors file of features that is written row by row, since it may exceed the memory. */
import { writeAll } from "../../io/atomic_file.ts";
import { UserError } from "../../errors/user_error.ts";

/** Tokens of one kind of all images: `[images, width]` or `[images, tokens, width]`. */
export interface FeatureTable {
  /** Key of the network's output, and name of the tensor. */
  readonly name: string;
  /** Images first. */
  readonly shape: readonly number[];
}

/** Where the numbers of each table lie. */
export interface FeatureFileLayout {
  /** The first bytes of the file: length of the header, header, spaces up to a multiple of 8. */
  readonly head: Uint8Array;
  /** By table: its first byte in the file, and the bytes of one image. */
  readonly places: ReadonlyMap<string, { readonly start: number; readonly rowBytes: number }>;
  /** Bytes of the whole file. */
  readonly bytes: number;
}

/** Longest header that readers of the format accept. */
const longestHeader = 100_000_000;

/**
 * Lays out tables of float32 numbers as {@linkcode encodeSafetensors} would.
 *
 * @throws {UserError} Where the metadata, which name every image, make the header too long.
 *
 * @example
 * ```ts
 * import { featureFileLayout } from "@hashigo/hashigo";
 * const { head, places, bytes } = featureFileLayout([{ name: "cls", shape: [3, 2] }], {});
 * if (places.get("cls")?.start !== head.length || bytes !== head.length + 24) throw new Error();
 * ```
 */
export function featureFileLayout(
  tables: readonly FeatureTable[],
  metadata: Readonly<Record<string, string>>,
): FeatureFileLayout {
  let size = 0;
  const sorted = tables.toSorted((a, b) => a.name < b.name ? -1 : 1).map(({ name, shape }) => {
    const start = size;
    size += shape.reduce((product, length) => product * length, 4);
    return { name, shape, start, end: size };
  });
  const texts = Object.entries(metadata).sort(([a], [b]) => a < b ? -1 : 1);
  const header = Object.fromEntries([
    ...texts.length > 0 ? [["__metadata__", Object.fromEntries(texts)]] : [],
    ...sorted.map(({ name, shape, start, end }) => [
      name,
      { dtype: "F32", shape, data_offsets: [start, end] },
    ]),
  ]);
  const json = new TextEncoder().encode(JSON.stringify(header));
  if (json.length > longestHeader) {
    throw new UserError(
      `Cannot write features: the names of the images take ${json.length} bytes, expected at most ` +
        `${longestHeader}. Give a part of the images at a time`,
    );
  }
  const head = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(json, 8);
  const places = sorted.map(({ name, shape, start, end }) => {
    return [name, {
      start: head.length + start,
      rowBytes: (end - start) / (shape[0] ?? 1),
    }] as const;
  });
  return { head, places: new Map(places), bytes: head.length + size };
}

/** Writes the rows of one table from image `first` on. */
export async function writeRows(
  file: Deno.FsFile,
  { start, rowBytes }: { readonly start: number; readonly rowBytes: number },
  first: number,
  values: Float32Array,
): Promise<void> {
  await file.seek(start + first * rowBytes, Deno.SeekMode.Start);
  await writeAll(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
