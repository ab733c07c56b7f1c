/**
 * Opens files of weights: PyTorch's checkpoints, new and old, and safetensors, recognised by their
 * first bytes. Tensors stay in the file until they are read, one at a time.
 *
 * | format | read | refused |
 * | --- | --- | --- |
 * | PyTorch, zip (1.6 and later) | tensors in dictionaries, lists, objects and whole modules; views and shared storages | TorchScript, compressed entries |
 * | PyTorch, before 1.6 | the same | views of storages |
 * | safetensors | every type of {@link ElementType} | floats of 4 and 6 bits, complex numbers |
 * | index of several such files (`model.safetensors.index.json`) | all of its files | files in other folders |
 *
 * Python objects beside the tensors, whatever their class, are never made: they are names with items
 * and attributes. All other files are refused by the name of their format, with what to do.
 *
 * @module
 */
import { type ByteSource, fileSource } from "./byte_source.ts";
import { type Content, contentOf, type ContentTensor } from "./checkpoint_content.ts";
import { below, belowUsualKey, prefixOfKey, stripWrappers } from "./network_names.ts";
import { quote, type Refuse, refuseReading } from "./refuse_reading.ts";
import { readShardIndex, shardPath } from "./shard_index.ts";

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
  /** Texts beside the tensors: the metadata of a safetensors file, texts of PyTorch's dictionary. */
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * Reads one tensor from the file as float32, row-major. Halves are widened exactly, float64 and
   * integers are rounded. NaN is not refused: see {@link assertFiniteWeights}.
   *
   * @throws {UserError} Where there is no tensor of this name.
   */
  read(name: string): Float32Array;
  /**
   * Everything that the file holds below the key, by full names: the keys of all dictionaries on the
   * way, joined by dots, with all prefixes. {@linkcode loadFamily} looks there for its network.
   */
  readonly everything: {
    /** Tensors by full name; `container` holds the keys of the dictionaries around them. */
    readonly tensors: ReadonlyMap<
      string,
      {
        readonly shape: readonly number[];
        readonly dtype: string;
        readonly container: readonly string[];
      }
    >;
    /** Names of Python objects that stand among the tensors, and what messages call them. */
    readonly objects: ReadonlyMap<string, string>;
    /** Reads one tensor by its full name, as `read` of the file does. */
    read(name: string): Float32Array;
  };
}

/** Choice among several networks in one file. */
export interface CheckpointOptions {
  /**
   * Key of the dictionary that holds the network, such as `"ema"`, or `"a.b"` for b within a; or a
   * prefix of names, up to a dot. By default the first of `state_dict`, `model`, `teacher`,
   * `model_state` and `student` that holds tensors, and again within it; else the only dictionary
   * with tensors; else everything, nested names joined by dots. Families of teachers look for their
   * network in the whole file instead, and ask for a key where there are several.
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
 *   of its bytes, a budget is exceeded, or it has no tensors.
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
  const sources = [await fileSource(path)];
  const dispose = () => sources.forEach((source) => source[Symbol.dispose]());
  try {
    const [source] = sources as [ByteSource], refuse = refuseReading(source.name);
    const index = readShardIndex(source, refuse);
    if (index === undefined) return { ...checkpointFrom(source, options), source: path };
    const contents = new Map<string, Content>();
    for (const file of new Set(index.values())) {
      const shard = await fileSource(shardPath(path, file));
      sources.push(shard);
      contents.set(file, contentOf(shard, refuseReading(shard.name)));
    }
    const content = joinContents([...index], contents, refuse);
    return { ...checkpointOf(content, path, options, refuse), [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
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
  const content = contentOf(source, refuse);
  return {
    ...checkpointOf(content, source.name, options, refuse),
    [Symbol.dispose]: () => source[Symbol.dispose](),
  };
}

function checkpointOf(
  { format, metadata, objects, aliases, tensors: all }: Content,
  source: string,
  { key }: CheckpointOptions,
  refuse: Refuse,
): Omit<CheckpointFile, typeof Symbol.dispose> {
  const prefix = key === undefined ? "" : prefixOfKey(all, key, aliases, refuse);
  const inside = below(all, prefix);
  const tensors = stripWrappers(key === undefined ? belowUsualKey(all) : inside);
  const readFrom = (tensors: ReadonlyMap<string, ContentTensor>) => (name: string) => {
    const tensor = tensors.get(name);
    if (tensor !== undefined) return tensor.read();
    return refuse(
      `no tensor ${quote(name)}`,
      `It holds ${tensors.size}, such as ` + [...tensors.keys()].slice(0, 5).map(quote).join(", "),
    );
  };
  return {
    source,
    format,
    tensors,
    metadata,
    read: readFrom(tensors),
    everything: { tensors: inside, objects: below(objects, prefix), read: readFrom(inside) },
  };
}

/** The tensors of an index, each from its file. */
function joinContents(
  index: readonly (readonly [name: string, file: string])[],
  contents: ReadonlyMap<string, Content>,
  refuse: Refuse,
): Content {
  const tensors = new Map<string, ContentTensor>();
  for (const [name, file] of index) {
    const tensor = contents.get(file)?.tensors.get(name);
    if (tensor === undefined) {
      return refuse(
        `the tensor ${quote(name)} in its index, but not in ${quote(file)}`,
        "Fetch the index and all of its files again, from one place",
      );
    }
    tensors.set(name, tensor);
  }
  const [first] = contents.values();
  const { format = "safetensors", metadata = {} } = first ?? {};
  return { format, metadata, tensors, objects: new Map(), aliases: new Map() };
}
