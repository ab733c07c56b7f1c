/**
 * Reads and writes tensors in the safetensors format: eight bytes with the length of a JSON header,
 * the header, the numbers. Nothing in such a file is ever executed, and everything that the header
 * claims is checked before a number is read.
 *
 * @source https://github.com/huggingface/safetensors
 * @module
 */
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { UserError } from "../../errors/user_error.ts";
import { bytesSource } from "../byte_source.ts";
import { type TensorData, widen } from "../element_types.ts";
import { assertShape, type HostTensor } from "../host_tensor.ts";
import { refuseReading } from "../refuse_reading.ts";
import { encodeSafetensorsHeader, type HeaderEntry } from "./encode_header.ts";
import {
  elementTypeOf,
  readSafetensorsHeader,
  type SafetensorsType,
} from "./safetensors_header.ts";

export type { ElementType, TensorData } from "../element_types.ts";
export type { SafetensorsType } from "./safetensors_header.ts";

/** A tensor of a file, with its element type there. */
export interface StoredTensor extends HostTensor {
  /** Element type in the file. */
  readonly dtype: SafetensorsType;
}

/** The content of a safetensors file. */
export interface Safetensors {
  /** Tensors by name, in the order of the header. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Texts that are stored beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the bytes of a safetensors file.
 *
 * @param bytes The whole file.
 * @param options source: the file as error messages name it.
 * @returns Every tensor (a copy, in the order of the header) and the metadata.
 * @throws {UserError} Where the header is too long, is not a JSON object, names a tensor twice or
 *   has an unknown element type, or where the tensors leave a hole, overlap or end before the
 *   file does.
 *
 * @example
 * ```ts
 * import { decodeSafetensors, encodeSafetensors } from "@hashigo/hashigo/weights";
 * const weight = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
 * const bytes = encodeSafetensors(new Map([["weight", weight]]), { step: "7" });
 * const { tensors, metadata } = decodeSafetensors(bytes);
 * if (tensors.get("weight")?.data[3] !== 4 || metadata.step !== "7") throw new Error();
 * ```
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  options: { readonly source?: string | undefined } = {},
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
 * Encodes tensors as the bytes of a safetensors file. Equal tensors and metadata give equal bytes:
 * names are sorted, and the numbers begin at a multiple of eight bytes, wide elements first, so
 * that every tensor is aligned.
 *
 * @throws {RangeError} Where a shape does not match the count of its numbers.
 *
 * @example
 * ```ts
 * import { encodeSafetensors } from "@hashigo/hashigo/weights";
 * const bytes = encodeSafetensors(new Map([["bias", { shape: [1], data: Int32Array.of(5) }]]));
 * if (bytes.length % 4 !== 0) throw new Error("The header is padded");
 * ```
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const parts = safetensorsParts(tensors, metadata);
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** The bytes of {@linkcode encodeSafetensors} in parts: the header, and the tensors as they lie in memory. */
export function safetensorsParts(
  tensors: ReadonlyMap<string, HostTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const sorted = [...tensors].sort(([a], [b]) => a < b ? -1 : 1);
  for (const [name, tensor] of sorted) assertShape(tensor, `the tensor "${name}"`);
  // Stable, so tensors of one width stay in the order of their names.
  const placed = sorted.toSorted(([, a], [, b]) =>
    b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT
  );
  let size = 0;
  const entries = placed.map(([name, { shape, data }]): HeaderEntry => {
    return { name, dtype: typeOf(data), shape, offsets: [size, size += data.byteLength] };
  });
  const numbers = placed.map(([, { data: { buffer, byteOffset, byteLength } }]) =>
    new Uint8Array(buffer, byteOffset, byteLength)
  );
  return [encodeSafetensorsHeader(entries, metadata), ...numbers];
}

/**
 * Reads a safetensors file from disk; see {@link decodeSafetensors}.
 *
 * @throws {UserError} Where there is no such file, or its header is not true of it.
 *
 * @example
 * ```ts
 * import { readSafetensors, writeSafetensors } from "@hashigo/hashigo/weights";
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

function typeOf(data: TensorData): SafetensorsType {
  if (data instanceof Float64Array) return "F64";
  if (data instanceof Float32Array) return "F32";
  if (data instanceof BigInt64Array) return "I64";
  return data instanceof Int32Array ? "I32" : "U8";
}
