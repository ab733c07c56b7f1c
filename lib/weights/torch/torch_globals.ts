/**
 * The globals that a checkpoint of PyTorch may name, and the value that each stands for. All others
 * are refused by name.
 *
 * @module
 */
import type { ElementType } from "../element_types.ts";
import { overlaps, spanOf } from "../tensor_location.ts";
import type { PickleHandlers } from "./pickle.ts";
import { isKind, kindOf, type PickleValue, type TorchStorage } from "./pickle_values.ts";
import { quote, type Refuse } from "../refuse_reading.ts";

/** Storages by key that a pickle has named so far. */
export type TorchStorages = Map<string, TorchStorage>;

const storageTypes: ReadonlyMap<string, ElementType> = new Map([
  ["torch.DoubleStorage", "float64"],
  ["torch.FloatStorage", "float32"],
  ["torch.HalfStorage", "float16"],
  ["torch.BFloat16Storage", "bfloat16"],
  ["torch.LongStorage", "int64"],
  ["torch.IntStorage", "int32"],
  ["torch.ShortStorage", "int16"],
  ["torch.CharStorage", "int8"],
  ["torch.ByteStorage", "uint8"],
  ["torch.BoolStorage", "bool"],
]);

/** Types of objects beside the weights, such as command-line arguments, that are left out. */
const records: ReadonlySet<string> = new Set([
  "argparse.Namespace",
  "types.SimpleNamespace",
  "pathlib.PosixPath",
  "pathlib.PurePosixPath",
  "pathlib._local.PosixPath",
  "numpy.core.multiarray.scalar",
  "numpy._core.multiarray.scalar",
  "numpy.dtype",
  "_codecs.encode",
  "torch.device",
  ...["float64", "float32", "float16", "bfloat16", "int64", "int32", "uint8", "bool"]
    .map((type) => `torch.${type}`),
]);

type Rebuild = (args: readonly PickleValue[], refuse: Refuse) => PickleValue;
const rebuilds: ReadonlyMap<string, Rebuild> = new Map<string, Rebuild>([
  ["collections.OrderedDict", orderedDict],
  ["torch.Size", ([items]) => items ?? null],
  ["torch._utils._rebuild_tensor", tensor],
  ["torch._utils._rebuild_tensor_v2", tensor],
  ["torch._utils._rebuild_parameter", parameter],
  ["torch._utils._rebuild_parameter_with_state", parameter],
]);

/**
 * The handlers of a checkpoint's pickle.
 *
 * @param storages Collects the storages that the pickle names.
 */
export function torchHandlers(storages: TorchStorages, refuse: Refuse): PickleHandlers {
  return {
    refuse,
    allow: (name) => {
      if (storageTypes.has(name) || records.has(name) || rebuilds.has(name)) return;
      refuse(
        `the Python object ${quote(name)}, which this reader does not make`,
        "Load the file in PyTorch and save its tensors alone: " +
          "torch.save(model.state_dict(), path)",
      );
    },
    call: (name, args) => {
      const rebuild = rebuilds.get(name);
      if (rebuild !== undefined) return rebuild(args, refuse);
      return records.has(name) ? { kind: "record" } : refuse(`a call of ${quote(name)}`);
    },
    persistent: (id) => storage(id, storages, refuse),
  };
}

/**
 * A storage from `("storage", type, key, device, count)`; only old files may have a view behind
 * these.
 */
function storage(id: PickleValue, storages: TorchStorages, refuse: Refuse): TorchStorage {
  const [word, type, key, _device, count, view = null] = isKind(id, "tuple") ? id.items : [];
  const dtype = isKind(type, "global") ? storageTypes.get(type.name) : undefined;
  if (word !== "storage" || dtype === undefined || typeof key !== "string" || !isCount(count)) {
    return refuse("a reference that names no storage of a known type");
  }
  if (view !== null) {
    return refuse(
      `a view of the storage ${quote(key)}`,
      "Load the file in a current PyTorch and save it again: torch.save(torch.load(path), path)",
    );
  }
  const known = storages.get(key);
  if (known === undefined) {
    const named: TorchStorage = { kind: "storage", key, dtype, count };
    storages.set(key, named);
    return named;
  }
  if (known.dtype === dtype && known.count === count) return known;
  return refuse(
    `the storage ${quote(key)} as ${count} numbers of ${dtype} and ${known.count} of ` +
      known.dtype,
    "Load the file in PyTorch, clone its tensors and save them again",
  );
}

/** A tensor from storage, offset, shape, strides and further arguments, which are ignored. */
function tensor(args: readonly PickleValue[], refuse: Refuse): PickleValue {
  const [storage, offset, sizes, steps] = args;
  const shape = counts(sizes), strides = counts(steps);
  if (!isKind(storage, "storage") || !isCount(offset)) {
    return refuse(`a tensor of ${kindOf(storage)} at ${kindOf(offset)}`);
  }
  if (shape === undefined || shape.length !== strides?.length || shape.length > 64) {
    return refuse("a tensor whose shape and strides are not as many counts, at most 64");
  }
  const { dtype, key, count } = storage;
  const at = `[${shape}] at ${offset} of the storage ${quote(key)}`;
  if (!(offset + spanOf(shape, strides) <= count)) {
    return refuse(`a ${dtype} tensor ${at}, which holds ${count} numbers`);
  }
  if (!shape.includes(0) && overlaps(shape, strides)) {
    return refuse(
      `an expanded tensor ${at}, whose strides [${strides}] repeat numbers`,
      "Save a copy of it in PyTorch: tensor.clone(memory_format=torch.contiguous_format)",
    );
  }
  return { kind: "tensor", storage, offset, shape, strides };
}

/** The tensor of a parameter. */
function parameter([data]: readonly PickleValue[], refuse: Refuse): PickleValue {
  return isKind(data, "tensor") ? data : refuse(`a parameter of ${kindOf(data)}`);
}

/** An empty dictionary, or in files of Python 2 one of a list of pairs. */
function orderedDict([pairs]: readonly PickleValue[], refuse: Refuse): PickleValue {
  if (pairs === undefined) return { kind: "dict", entries: [] };
  if (!isKind(pairs, "list")) return refuse(`an OrderedDict of ${kindOf(pairs)}`);
  return {
    kind: "dict",
    entries: pairs.items.map((pair) => {
      const items = isKind(pair, "list") || isKind(pair, "tuple") ? pair.items : [];
      const [key = null, value = null] = items;
      return items.length === 2 ? [key, value] as const : refuse("an item that is no pair");
    }),
  };
}

function counts(value: PickleValue | undefined): readonly number[] | undefined {
  return isKind(value, "tuple") && value.items.every(isCount) ? value.items : undefined;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
