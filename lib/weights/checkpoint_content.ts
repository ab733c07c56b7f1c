/**
 * The tensors of one file by their full names, whatever its format.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import { elementBytes, type ElementType } from "./element_types.ts";
import type { Contained } from "./network_names.ts";
import { refuseOtherFormat } from "./other_formats.ts";
import { quote, type Refuse } from "./refuse_reading.ts";
import {
  elementTypeOf,
  MAXIMUM_HEADER,
  readSafetensorsHeader,
} from "./safetensors/safetensors_header.ts";
import { readTensor, rowMajorStrides, type TensorLocation } from "./tensor_location.ts";
import { findTensors } from "./torch/tensor_tree.ts";
import { readTorchSeries, readTorchZip, type TorchArchive } from "./torch/torch_archive.ts";

/** A tensor of a file. */
export interface ContentTensor extends Contained {
  readonly shape: readonly number[];
  readonly dtype: ElementType;
  /** Reads it as float32, row-major. */
  read(): Float32Array;
}

/** The content of a file. */
export interface Content {
  readonly format: "torch" | "safetensors";
  readonly tensors: ReadonlyMap<string, ContentTensor>;
  /** Python objects among the tensors, and what messages call them. */
  readonly objects: ReadonlyMap<string, string>;
  /** Texts beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Names of dictionaries that are the same as another one. */
  readonly aliases: ReadonlyMap<string, string>;
}

/**
 * Finds the tensors of a file.
 *
 * @throws {UserError} From `refuse`, with what the file is and what to do with it.
 */
export function contentOf(source: ByteSource, refuse: Refuse): Content {
  const head = new Uint8Array(Math.min(source.size, 16));
  source.read(0, head);
  const begins = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  // First, as the length of a header may look like the beginning of a pickle, but not the reverse.
  if (isSafetensors(head)) return safetensors(source, refuse);
  if (begins(0x50, 0x4b, 3, 4)) return torch(source, readTorchZip(source, refuse), refuse);
  if (begins(0x80)) return torch(source, readTorchSeries(source, refuse), refuse);
  return refuseOtherFormat(source, refuse);
}

/** Whether a file begins with a possible length of a header, and a brace. */
function isSafetensors(head: Uint8Array<ArrayBuffer>): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  return new DataView(head.buffer).getBigUint64(0, true) <= MAXIMUM_HEADER;
}

function safetensors(source: ByteSource, refuse: Refuse): Content {
  const { entries, metadata } = readSafetensorsHeader(source, refuse);
  if (entries.size === 0) refuse("no tensors", "Choose another file");
  const tensors = [...entries].map(([name, { dtype, shape, from }]) => {
    const location = {
      dtype: elementTypeOf[dtype],
      shape,
      strides: rowMajorStrides(shape),
      position: from,
    };
    return [name, tensorAt(source, location, [])] as const;
  });
  return {
    ...{ format: "safetensors", tensors: new Map(tensors), metadata },
    ...{ objects: new Map(), aliases: new Map() },
  };
}

function torch(source: ByteSource, archive: TorchArchive, refuse: Refuse): Content {
  const { tensors, objects, aliases, texts } = findTensors(archive.root, refuse);
  const located = [...tensors].map(([name, { shape, strides, offset, storage, container }]) => {
    const first = archive.positions.get(storage.key) ??
      refuse(`no storage ${quote(storage.key)}`);
    const { dtype } = storage, position = first + offset * elementBytes[dtype];
    return [name, tensorAt(source, { dtype, shape, strides, position }, container)] as const;
  });
  return { format: "torch", tensors: new Map(located), metadata: texts, objects, aliases };
}

function tensorAt(
  source: ByteSource,
  location: TensorLocation,
  container: readonly string[],
): ContentTensor {
  const { shape, dtype } = location;
  return { shape, dtype, container, read: () => readTensor(source, location) };
}
