/**
 * Tensors in the safetensors format: eight bytes with the length of a JSON header, the header, the
 * numbers. Nothing in such a file is ever executed, and everything that the header claims is
 * checked before a number is read.
 *
 * @module
 */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { UserError } from "../../errors/user_error.ts";
import { bytesSource } from "../byte_source.ts";
import { type TensorData, widen } from "../element_types.ts";
import { refuseReading } from "../refuse_reading.ts";
import {
  elementTypeOf,
  readSafetensorsHeader,
  type SafetensorsType,
} from "./safetensors_header.ts";

export type { ElementType, TensorData } from "../element_types.ts";
export type { SafetensorsType } from "./safetensors_header.ts";

/** A tensor to be written: the element type follows from the array. */
export interface HostTensor {
  /** Empty for a single number. */
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: TensorData;
}

/** A tensor of float32 numbers on the host. */
export interface FloatTensor extends HostTensor {
  /** Row-major. */
  readonly data: Float32Array;
}

/** A tensor that was read, with the element type that it has in the file. */
export interface StoredTensor extends HostTensor {
  /** Element type in the file. */
  readonly dtype: SafetensorsType;
}

/** The content of a file. */
export interface Safetensors {
  /** By name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Texts that were stored beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the bytes of a safetensors file.
 *
 * @param bytes The whole file.
 * @param options `source` names the file in errors.
 * @returns Every tensor (a copy, in the order of the header) and the metadata.
 * @throws {UserError} Where the header is too long, is not a JSON object, names a tensor twice or
 *   knows an unknown element type, or where the tensors leave a hole, overlap or end before the
 *   file does.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "@hashigo/hashigo";
 * const weight = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
 * const bytes = encodeSafetensors(new Map([["weight", weight]]), { step: "7" });
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * if (tensors.get("weight")?.data[3] !== 4 || metadata.step !== "7") throw new Error();
 * ```
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  options: { readonly source?: string } = {},
): Safetensors {
  const source = bytesSource(bytes, options.source ?? "the safetensors file");
  const { entries, metadata } = readSafetensorsHeader(source, refuseReading(source.name));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, from, to }] of entries) {
    const { buffer } = new Uint8Array(bytes.subarray(from, to));
    tensors.set(name, { dtype, shape, data: widen(elementTypeOf[dtype], buffer) });
  }
  return { tensors, metadata };
}

/**
 * Writes tensors as the bytes of a safetensors file. Equal tensors and metadata give equal bytes:
 * names are sorted, and the numbers begin at a multiple of eight bytes, wide elements first, so
 * that every tensor is aligned.
 *
 * @throws {RangeError} Where a shape does not match the count of its numbers.
 *
 * @example
 * ```ts
 * import { encodeSafetensors } from "@hashigo/hashigo";
 * const bytes = encodeSafetensors(new Map([["bias", { shape: [1], data: Int32Array.of(5) }]]));
 * if (bytes.length % 4 !== 0) throw new Error("The header is padded");
 * ```
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = [...tensors.keys()].sort();
  const sorted = names.map((name) => ({ name, ...entryOf(name, tensors) }));
  // Stable, so tensors of one width stay in the order of their names.
  const placed = sorted.toSorted((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  const offsets = new Map<string, [number, number]>();
  let size = 0;
  for (const { name, data } of placed) {
    offsets.set(name, [size, size += data.byteLength]);
  }

  const header = Object.fromEntries(sorted.map(({ name, dtype, shape }) => [
    name,
    { dtype, shape, data_offsets: offsets.get(name) },
  ]));
  const sortedMetadata = Object.entries(metadata).sort(([a], [b]) => a < b ? -1 : 1);
  const head = sortedMetadata.length > 0
    ? { __metadata__: Object.fromEntries(sortedMetadata), ...header }
    : header;
  const json = new TextEncoder().encode(JSON.stringify(head));

  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.fill(0x20, 8, start);
  bytes.set(json, 8);
  for (const { name, data } of placed) {
    const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    bytes.set(view, start + (offsets.get(name)?.[0] ?? 0));
  }
  return bytes;
}

/**
 * Reads a safetensors file from disk; see {@link decodeSafetensors}.
 *
 * @throws {UserError} Where there is no such file, or it cannot be trusted.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "@hashigo/hashigo";
 * const folder = await Deno.makeTempDir();
 * const path = `${folder}/model.safetensors`;
 * await writeSafetensors(path, new Map([["bias", { shape: [1], data: Float32Array.of(5) }]]));
 * const { tensors } = await readSafetensors(path);
 * if (tensors.get("bias")?.dtype !== "F32") throw new Error();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UserError(`Cannot read "${path}": no such file. Check its name and folder`);
  }
  return decodeSafetensors(bytes, { source: `"${path}"` });
}

/** Writes a safetensors file that is either whole or absent; see {@link encodeSafetensors}. */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeFileAtomic(path, encodeSafetensors(tensors, metadata));
}

function entryOf(name: string, tensors: ReadonlyMap<string, HostTensor>) {
  const { shape, data } = tensors.get(name) ?? { shape: [0], data: new Uint8Array() };
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== data.length) {
    throw new RangeError(
      `Cannot write the tensor "${name}": found ${data.length} numbers, expected ${size} for ` +
        `the shape [${shape}]`,
    );
  }
  return { dtype: typeOf(data), shape, data };
}

function typeOf(data: TensorData): SafetensorsType {
  if (data instanceof Float64Array) return "F64";
  if (data instanceof Float32Array) return "F32";
  if (data instanceof BigInt64Array) return "I64";
  return data instanceof Int32Array ? "I32" : "U8";
}
