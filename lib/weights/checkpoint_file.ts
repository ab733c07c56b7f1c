/**
 * Opens files of weights: PyTorch's checkpoints, new and old, and safetensors, recognised by their
 * first bytes. Tensors stay in the file until they are read, one at a time.
 *
 * | format | read | refused |
 * | --- | --- | --- |
 * | PyTorch, zip (1.6 and later) | dictionaries of tensors; views and shared storages | TorchScript, compressed entries, other Python objects |
 * | PyTorch, before 1.6 | the same | views of storages |
 * | safetensors | every type of {@link ElementType} | 8-bit floats |
 *
 * @module
 */
import { type ByteSource, fileSource } from "./byte_source.ts";
import { elementBytes } from "./element_types.ts";
import { readTensor, rowMajorStrides, type TensorLocation } from "./tensor_location.ts";
import { quote, type Refuse, refuseReading } from "./refuse_reading.ts";
import {
  elementTypeOf,
  MAXIMUM_HEADER,
  readSafetensorsHeader,
} from "./safetensors/safetensors_header.ts";
import { findTensors, stripWrappers } from "./torch/tensor_tree.ts";
import { readTorchSeries, readTorchZip, type TorchArchive } from "./torch/torch_archive.ts";

/** An open file of weights; `Symbol.dispose` closes it. */
export interface CheckpointFile extends Disposable {
  /** Path of the file, or the source as messages name it. */
  readonly source: string;
  /** Format of the file. */
  readonly format: "torch" | "safetensors";
  /** Tensors by name, in the order of the file; `dtype` is PyTorch's name, such as `"bfloat16"`. */
  readonly tensors: ReadonlyMap<
    string,
    { readonly shape: readonly number[]; readonly dtype: string }
  >;
  /** Texts beside the tensors of a safetensors file; empty for PyTorch. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Reads one tensor from the file as float32, row-major. Halves are widened exactly, float64 and
   * integers are rounded. NaN is not refused: see {@link assertFiniteWeights}.
   *
   * @throws {UserError} Where there is no tensor of this name.
   */
  read(name: string): Float32Array;
}

/** Choice among several networks in one file. */
export interface CheckpointOptions {
  /**
   * Key of the dictionary that holds the network, such as `"ema"`, or `"a.b"` for b within a. By
   * default the first of `state_dict`, `model`, `teacher`, `model_state` and `student` that holds
   * tensors, and again within it; else the only dictionary with tensors; else everything, nested
   * names joined by dots. In a safetensors file: the first part of the names, up to a dot (default
   * all).
   */
  readonly key?: string | undefined;
}

/**
 * Opens a file of weights. Names are those of the file, without the prefixes `module.` and
 * `backbone.` where all of them have it; values that are no tensors (epoch, arguments) are left
 * out.
 *
 * @param path The file, with any suffix.
 * @throws {UserError} Where there is no such file, it is of another format, its header is not true
 *   of its bytes, it holds Python objects of other types, or it has no tensors.
 *
 * @example
 * ```ts
 * import { encodeTorchCheckpoint, openCheckpoint } from "@hashigo/hashigo/weights";
 * const path = await Deno.makeTempFile();
 * const weight = { shape: [2], data: Float32Array.of(1, 0.5) };
 * const tree = { epoch: 3, state_dict: { "module.weight": weight } };
 * await Deno.writeFile(path, encodeTorchCheckpoint(tree));
 * {
 *   using file = await openCheckpoint(path);
 *   if (file.read("weight")[1] !== 0.5) throw new Error();
 * }
 * await Deno.remove(path);
 * ```
 */
export async function openCheckpoint(
  path: string,
  options: CheckpointOptions = {},
): Promise<CheckpointFile> {
  const source = await fileSource(path);
  try {
    return { ...checkpointFrom(source, options), source: path };
  } catch (error) {
    source[Symbol.dispose]();
    throw error;
  }
}

/**
 * Opens weights in a source of bytes, as {@linkcode openCheckpoint} does; disposing of the result
 * disposes of `source`.
 *
 * @example
 * ```ts
 * import { bytesSource, checkpointFrom, encodeSafetensors } from "@hashigo/hashigo/weights";
 * const tensors = new Map([["w", { shape: [1], data: Int32Array.of(7) }]]);
 * using file = checkpointFrom(bytesSource(encodeSafetensors(tensors)));
 * if (file.format !== "safetensors" || file.read("w")[0] !== 7) throw new Error();
 * ```
 */
export function checkpointFrom(
  source: ByteSource,
  options: CheckpointOptions = {},
): CheckpointFile {
  const refuse: Refuse = refuseReading(source.name);
  const { format, locations, metadata } = contentOf(source, options, refuse);
  const tensors = stripWrappers(locations);
  return {
    source: source.name,
    format,
    tensors,
    metadata,
    read: (name) => {
      const tensor = tensors.get(name);
      if (tensor !== undefined) return readTensor(source, tensor);
      return refuse(
        `no tensor ${quote(name)}`,
        `It holds ${tensors.size}, such as ` +
          [...tensors.keys()].slice(0, 5).map(quote).join(", "),
      );
    },
    [Symbol.dispose]: () => source[Symbol.dispose](),
  };
}

/** The tensors of a file by the names that it stores. */
interface Content {
  readonly format: CheckpointFile["format"];
  readonly locations: ReadonlyMap<string, TensorLocation>;
  readonly metadata: Readonly<Record<string, string>>;
}

function contentOf(source: ByteSource, { key }: CheckpointOptions, refuse: Refuse): Content {
  const torch = (archive: TorchArchive): Content => {
    return { format: "torch", locations: locateTensors(archive, refuse, key), metadata: {} };
  };
  const head = new Uint8Array(Math.min(source.size, 16));
  source.read(0, head);
  const begins = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  // First, as the length of a header may look like the beginning of a pickle, but not the reverse.
  if (isSafetensors(head)) return safetensors(source, refuse, key);
  if (begins(0x50, 0x4b, 3, 4)) return torch(readTorchZip(source, refuse));
  if (begins(0x80)) return torch(readTorchSeries(source, refuse));
  if (begins(0x1f, 0x8b)) return refuse("a file packed by gzip", "Unpack it first: gunzip FILE");
  const bytes = head.length === 0 ? "no bytes" : `bytes that begin with ${head.toHex()}`;
  return refuse(`${bytes}, expected a checkpoint of PyTorch or a safetensors file`);
}

/** Whether a file begins with a possible length of a header, and a brace. */
function isSafetensors(head: Uint8Array<ArrayBuffer>): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  return new DataView(head.buffer).getBigUint64(0, true) <= MAXIMUM_HEADER;
}

function safetensors(source: ByteSource, refuse: Refuse, key?: string): Content {
  const { entries, metadata } = readSafetensorsHeader(source, refuse);
  const prefix = key === undefined ? "" : `${key}.`;
  const locations = new Map<string, TensorLocation>();
  for (const [name, { dtype, shape, from }] of entries) {
    if (!name.startsWith(prefix)) continue;
    locations.set(name.slice(prefix.length), {
      dtype: elementTypeOf[dtype],
      shape,
      strides: rowMajorStrides(shape),
      position: from,
    });
  }
  if (locations.size === 0) {
    refuse(
      `no tensors${prefix && ` whose names begin with ${quote(prefix)}`}`,
      "Choose another file or key",
    );
  }
  return { format: "safetensors", locations, metadata };
}

/** The positions of the tensors of a PyTorch checkpoint. */
function locateTensors(
  archive: TorchArchive,
  refuse: Refuse,
  key?: string,
): Map<string, TensorLocation> {
  const locations = new Map<string, TensorLocation>();
  for (const [name, tensor] of findTensors(archive.root, refuse, key)) {
    const { shape, strides, offset, storage: { key, dtype } } = tensor;
    const first = archive.positions.get(key) ?? refuse(`no storage ${quote(key)}`);
    locations.set(name, { dtype, shape, strides, position: first + offset * elementBytes[dtype] });
  }
  return locations;
}
