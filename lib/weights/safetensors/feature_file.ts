/**
 * A safetensors file of features that is written row by row, since it may exceed the memory.
 *
 * @module
 */
import { UserError } from "../../errors/user_error.ts";
import { append } from "../../io/positioned_file.ts";
import { elementCount } from "../host_tensor.ts";
import { encodeSafetensorsHeader, type HeaderEntry } from "./encode_header.ts";
import { MAXIMUM_HEADER } from "./safetensors_header.ts";

/** Features of one kind of token of all images: `[images, width]` or `[images, tokens, width]`. */
export interface FeatureTable {
  /** Name of the tensor, such as "cls" or "patch". */
  readonly name: string;
  /** Its shape, images first. */
  readonly shape: readonly number[];
}

/** Where the numbers of each table lie in a file. */
export interface FeatureFileLayout {
  /** The first bytes of the file: length of the header, header, spaces up to a multiple of 8. */
  readonly head: Uint8Array;
  /** By table: its first byte in the file, and the bytes of one image. */
  readonly places: ReadonlyMap<string, { readonly start: number; readonly rowBytes: number }>;
  /** Size of the whole file in bytes. */
  readonly bytes: number;
}

/**
 * Lays out tables of float32 numbers as {@linkcode encodeSafetensors} would.
 *
 * @throws {UserError} Where the metadata, which name every image, make the header too long.
 *
 * @example
 * ```ts
 * import { featureFileLayout } from "./feature_file.ts";
 * const { head, places, bytes } = featureFileLayout([{ name: "cls", shape: [3, 2] }], {});
 * if (places.get("cls")?.start !== head.length || bytes !== head.length + 24) throw new Error();
 * ```
 */
export function featureFileLayout(
  tables: readonly FeatureTable[],
  metadata: Readonly<Record<string, string>>,
): FeatureFileLayout {
  let size = 0;
  const entries = tables.toSorted((a, b) => a.name < b.name ? -1 : 1)
    .map(({ name, shape }): HeaderEntry => {
      return { name, dtype: "F32", shape, offsets: [size, size += 4 * elementCount(shape)] };
    });
  const head = encodeSafetensorsHeader(entries, metadata);
  const headerBytes = head.length - 8;
  if (headerBytes > MAXIMUM_HEADER) {
    throw new UserError(
      `Cannot write features: the names of the images take ${headerBytes} bytes, expected at most ` +
        `${MAXIMUM_HEADER}. Give a part of the images at a time`,
    );
  }
  const places = entries.map(({ name, shape: [images = 1], offsets: [from, to] }) => {
    return [name, { start: head.length + from, rowBytes: (to - from) / images }] as const;
  });
  return { head, places: new Map(places), bytes: head.length + size };
}

/**
 * Writes the rows of one table from image `first` on.
 *
 * @param place The table's entry of {@linkcode FeatureFileLayout.places}.
 * @param values The numbers of whole rows, row-major.
 */
export async function writeRows(
  file: Deno.FsFile,
  place: { readonly start: number; readonly rowBytes: number },
  first: number,
  values: Float32Array,
): Promise<void> {
  await file.seek(place.start + first * place.rowBytes, Deno.SeekMode.Start);
  await append(file, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}
