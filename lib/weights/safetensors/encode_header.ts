/**
 * Writes the header of a safetensors file.
 *
 * @module
 */
import type { SafetensorsType } from "./safetensors_header.ts";

/** A tensor as the header of its file lists it. */
export interface HeaderEntry {
  /** Name of the tensor. */
  readonly name: string;
  /** Element type of its numbers. */
  readonly dtype: SafetensorsType;
  /** Empty for a single number. */
  readonly shape: readonly number[];
  /** Its first byte, and the byte after its last one, counted from the end of the header. */
  readonly offsets: readonly [from: number, to: number];
}

/**
 * The first bytes of a safetensors file: the length of the header, the header as JSON, and spaces
 * up to a multiple of eight, so that the numbers after it are aligned. Names of tensors and of
 * metadata are sorted, so equal content gives equal bytes.
 */
export function encodeSafetensorsHeader(
  entries: readonly HeaderEntry[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const texts = Object.entries(metadata).sort(([a], [b]) => a < b ? -1 : 1);
  const tensors = entries.toSorted((a, b) => a.name < b.name ? -1 : 1);
  const header = Object.fromEntries<unknown>([
    ...texts.length > 0 ? [["__metadata__", Object.fromEntries(texts)] as const] : [],
    ...tensors.map(({ name, dtype, shape, offsets }) =>
      [name, { dtype, shape, data_offsets: offsets }] as const
    ),
  ]);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(json, 8);
  return bytes;
}
