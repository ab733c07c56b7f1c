/**
 * The globals of a checkpoint of PyTorch that stand for tensors, storages and dictionaries. Calls of
 * all others make inert records.
 *
 * @module
 */
import { elementBytes, type ElementType } from "../element_types.ts";
import { overlaps, spanOf } from "../tensor_location.ts";
import type { PickleHandlers } from "./pickle.ts";
import {
  isKind,
  kindOf,
  type PickleRecord,
  type PickleValue,
  recordOf,
  type TorchStorage,
} from "./pickle_values.ts";
import { quote, type Refuse } from "../refuse_reading.ts";

/** Storages by key that a pickle has named so far; `width`: bytes of an element of another type. */
export type TorchStorages = Map<string, TorchStorage & { readonly width?: number }>;

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
  // Bytes of tensors whose type has no storage of its own; see typedTensor.
  ["torch.storage.UntypedStorage", "uint8"],
]);

/** Bytes of an element of storages that are passed over. */
const passedOver: ReadonlyMap<string, number> = new Map([
  ["torch.ComplexHalfStorage", 4],
  ["torch.ComplexFloatStorage", 8],
  ["torch.ComplexDoubleStorage", 16],
  ["torch.QInt8Storage", 1],
  ["torch.QUInt8Storage", 1],
  ["torch.QInt32Storage", 4],
]);

/** Element types that {@linkcode typedTensor} may name, by PyTorch's names. */
const typedElements: ReadonlyMap<string, ElementType> = new Map(
  (["uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2"] as const)
    .map((type) => [`torch.${type}`, type]),
);

type Rebuild = (args: readonly PickleValue[], refuse: Refuse) => PickleValue;
const rebuilds: ReadonlyMap<string, Rebuild> = new Map<string, Rebuild>([
  ["collections.OrderedDict", orderedDict],
  ["torch.Size", ([items]) => items ?? null],
  ["torch._utils._rebuild_tensor", tensor],
  ["torch._utils._rebuild_tensor_v2", tensor],
  ["torch._utils._rebuild_tensor_v3", typedTensor],
  ["torch._tensor._rebuild_from_type_v2", subclass],
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
    call: (name, args) => rebuilds.get(name)?.(args, refuse) ?? recordOf(name),
    persistent: (id) => storage(id, storages, refuse),
  };
}

/**
 * A storage from `("storage", type, key, device, count)`; only old files may have a view behind
 * these.
 */
function storage(
  id: PickleValue,
  storages: TorchStorages,
  refuse: Refuse,
): TorchStorage | PickleRecord {
  const [word, type, key, _device, count, view = null] = isKind(id, "tuple") ? id.items : [];
  const dtype = isKind(type, "global") ? storageTypes.get(type.name) : undefined;
  if (
    word !== "storage" || !isKind(type, "global") || typeof key !== "string" || !isCount(count)
  ) {
    return refuse("a reference that names no storage");
  }
  // Complex or quantised numbers, say: refused only where the tensor is needed.
  if (dtype === undefined) {
    const width = passedOver.get(type.name);
    if (width !== undefined && !storages.has(key)) {
      storages.set(key, { kind: "storage", key, dtype: "uint8", count, width });
    }
    return recordOf(type.name);
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
  if (isKind(storage, "record")) return recordOf(storage.name);
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
    return recordOf(
      `an expanded tensor ${at}: save a copy, tensor.contiguous()`,
    );
  }
  return { kind: "tensor", storage, offset, shape, strides };
}

/**
 * A tensor of a type that has no storage of its own: its storage are bytes, its arguments end in
 * the type and metadata.
 */
function typedTensor(args: readonly PickleValue[], refuse: Refuse): PickleValue {
  const [storage, offset, sizes, steps, , , type] = args;
  const name = isKind(type, "global") ? type.name : kindOf(type);
  const dtype = typedElements.get(name);
  if (dtype === undefined || !isKind(storage, "storage")) return recordOf(name);
  const bytes = elementBytes[dtype], count = storage.count / bytes;
  if (storage.dtype !== "uint8" || !Number.isInteger(count)) {
    return refuse(`${storage.count} numbers of ${storage.dtype} for a tensor of ${dtype}`);
  }
  return tensor(
    [{ ...storage, dtype, count }, offset ?? null, sizes ?? null, steps ?? null],
    refuse,
  );
}

/** A tensor of a subclass, which is called with a function and its arguments. */
function subclass([rebuild, , args]: readonly PickleValue[], refuse: Refuse): PickleValue {
  const name = isKind(rebuild, "global") ? rebuild.name : kindOf(rebuild);
  const inner = rebuilds.get(name);
  return inner === undefined || inner === subclass || !isKind(args, "tuple")
    ? recordOf(name)
    : inner(args.items, refuse);
}

/** The tensor of a parameter. */
function parameter([data]: readonly PickleValue[], refuse: Refuse): PickleValue {
  if (isKind(data, "tensor") || isKind(data, "record")) return data;
  return refuse(`a parameter of ${kindOf(data)}`);
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
