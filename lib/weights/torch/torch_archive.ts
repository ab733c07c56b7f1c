/**
 * Reads checkpoints as PyTorch writes them: a zip file of a pickle and one entry per storage, or
 * before version 1.6 a series of pickles with the storages after them.
 *
 * @module
 */
import type { ByteSource } from "../byte_source.ts";
import { elementBytes } from "../element_types.ts";
import { refuseOtherZip } from "../other_formats.ts";
import { saveAlone, unpickle } from "./pickle.ts";
import { isKind, type PickleValue, type TorchStorage } from "./pickle_values.ts";
import { quote, type Refuse } from "../refuse_reading.ts";
import { torchHandlers, type TorchStorages } from "./torch_globals.ts";
import { readZipDirectory, type ZipEntry } from "../zip_directory.ts";

/** A checkpoint whose storages are proven to lie in the file. */
export interface TorchArchive {
  /** The saved value. */
  readonly root: PickleValue;
  /** The first byte of each storage, by its key. */
  readonly positions: ReadonlyMap<string, number>;
}

/** Longest pickle that is accepted: 25,000 tensors need about 4 MB. */
const MAXIMUM_PICKLE = 2 ** 24;
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** Reads a checkpoint in the zip layout. */
export function readTorchZip(source: ByteSource, refuse: Refuse): TorchArchive {
  const directory = readZipDirectory(source, refuse);
  const folder = folderOf(directory, refuse);
  const entryOf = (name: string): ZipEntry | undefined => {
    const entry = directory.get(`${folder}/${name}`);
    if (entry?.stored !== false) return entry;
    return refuse(
      `the entry ${quote(name)} compressed or encrypted, expected it stored as it is`,
      "The file was packed again after PyTorch wrote it: fetch the original",
    );
  };
  const contentOf = (name: string, limit: number): Uint8Array | undefined => {
    const entry = entryOf(name);
    if (entry === undefined) return undefined;
    if (entry.size <= limit) return bytesOf(source, entry.position, entry.size);
    return refuse(
      `${entry.size} bytes in ${quote(name)}, expected at most ${limit}, the budget of this reader`,
      saveAlone,
    );
  };
  const order = new TextDecoder().decode(contentOf("byteorder", 16)).trim();
  // Files without this entry are older than PyTorch's support of other byte orders.
  if (order !== "" && order !== "little") {
    refuse(`the byte order ${quote(order)}, expected "little"`);
  }
  const pickle = contentOf("data.pkl", MAXIMUM_PICKLE) ?? refuse("no data.pkl");
  const storages: TorchStorages = new Map();
  const { value } = unpickle(pickle, 0, torchHandlers(storages, refuse));
  const positions = new Map<string, number>();
  for (const storage of storages.values()) {
    const entry = entryOf(`data/${storage.key}`), expected = bytesIn(storage);
    if (entry?.size !== expected) {
      return refuse(
        `${entry?.size ?? "no"} bytes for the storage ${quote(storage.key)}, expected ${expected}`,
      );
    }
    positions.set(storage.key, entry.position);
  }
  return { root: value, positions };
}

/** The name of the one folder that holds all entries. */
function folderOf(directory: ReadonlyMap<string, ZipEntry>, refuse: Refuse): string {
  const folders = new Set<string>();
  let script = false;
  for (const name of directory.keys()) {
    const [folder = "", first = "", ...rest] = name.split("/");
    if (first === "data.pkl" && rest.length === 0) folders.add(folder);
    script ||= first === "constants.pkl" || first === "code";
  }
  if (script) {
    refuse(
      "a TorchScript archive, which holds a program",
      "Save its weights alone in PyTorch: torch.save(torch.jit.load(path).state_dict(), other)",
    );
  }
  const [folder, ...others] = folders;
  if (folder === undefined) refuseOtherZip(directory.keys(), refuse);
  if (folder === undefined || others.length > 0) {
    return refuse(
      `a zip file with ${folders.size} data.pkl in a folder, expected one as by PyTorch`,
    );
  }
  return folder;
}

/** Reads a checkpoint in the layout before version 1.6. */
export function readTorchSeries(source: ByteSource, refuse: Refuse): TorchArchive {
  const head = bytesOf(source, 0, Math.min(source.size, MAXIMUM_PICKLE));
  const storages: TorchStorages = new Map();
  const handlers = torchHandlers(storages, refuse);
  let at = 0;
  const next = () => {
    const { value, end } = unpickle(head, at, handlers);
    at = end;
    return value;
  };
  if (next() !== MAGIC || next() !== PROTOCOL) {
    refuse(
      "a pickle that torch.save did not write",
      "Load it in Python and save its tensors: torch.save(state_dict, path)",
    );
  }
  const system = next();
  const little = isKind(system, "dict") &&
    system.entries.some(([key, value]) => key === "little_endian" && value === true);
  if (!little) refuse("big-endian numbers, expected little-endian ones");
  const root = next(), keys = next();
  if (!isKind(keys, "list") || keys.items.length !== storages.size) {
    return refuse(`no list of its ${storages.size} storages`);
  }
  return { root, positions: placeInSeries(source, { at, keys: keys.items, storages }, refuse) };
}

/** Locates the storages after the pickles: in the order of the list, each after its count. */
function placeInSeries(
  source: ByteSource,
  { at, keys, storages }: {
    readonly at: number;
    readonly keys: readonly PickleValue[];
    readonly storages: TorchStorages;
  },
  refuse: Refuse,
): Map<string, number> {
  const positions = new Map<string, number>();
  let next = at;
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined || positions.has(storage.key)) {
      return refuse("a list of other storages than its tensors need");
    }
    const name = quote(storage.key), size = 8 + bytesIn(storage);
    if (!(next + size <= source.size)) {
      return refuse(`${source.size - next} bytes for the storage ${name}, expected ${size}`);
    }
    const count = new DataView(bytesOf(source, next, 8).buffer).getBigInt64(0, true);
    if (count !== BigInt(storage.count)) {
      refuse(`${count} numbers in the storage ${name}, expected ${storage.count}`);
    }
    positions.set(storage.key, next + 8);
    next += size;
  }
  if (next !== source.size) refuse(`${source.size - next} bytes behind the last storage`);
  return positions;
}

function bytesIn({ dtype, count, width }: TorchStorage & { readonly width?: number }): number {
  return count * (width ?? elementBytes[dtype]);
}

function bytesOf(source: ByteSource, position: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  source.read(position, bytes);
  return bytes;
}
