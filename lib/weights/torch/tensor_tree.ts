/**
 * Finds all tensors of a checkpoint and gives each its full name: the keys on the way to it, joined
 * by dots.
 *
 * @module
 */
import {
  isKind,
  kindOf,
  type PickleDict,
  type PickleValue,
  type TorchTensor,
} from "./pickle_values.ts";
import type { Contained } from "../network_names.ts";
import { saveAlone } from "./pickle.ts";
import { quote, type Refuse } from "../refuse_reading.ts";
import { entriesOf, isContainer, type PickleContainer } from "./value_entries.ts";

const MAXIMUM_DEPTH = 50;
/** Python itself does not write what is nested deeper, tensors or none. */
const MAXIMUM_OBJECT_DEPTH = 1000;
const MAXIMUM_NAME = 500;
/**
 * Most tensors of a checkpoint: a network has hundreds, its optimiser twice as many. See also the
 * limit of operations in pickle.ts.
 */
export const MAXIMUM_TENSORS = 25_000;
/** Longest text, and most texts, that are kept of those beside the tensors. */
const longestText = 2 ** 16, mostTexts = 100;

/** What a checkpoint holds, by full names. */
export interface TensorTree {
  /** Its tensors in the order of the file. */
  readonly tensors: ReadonlyMap<string, TorchTensor & Contained>;
  /** Python objects that stand among the tensors, and what messages call them. */
  readonly objects: ReadonlyMap<string, string>;
  /** Texts at the top, such as those of our own exports. */
  readonly texts: Readonly<Record<string, string>>;
  /** Names of dictionaries that are the same as one that stands earlier in the file. */
  readonly aliases: ReadonlyMap<string, string>;
}

/**
 * Finds the tensors of a checkpoint. A dictionary that occurs twice is read once.
 *
 * @throws {UserError} From `refuse`, where there are none, or a budget is exceeded.
 */
export function findTensors(root: PickleValue, refuse: Refuse): TensorTree {
  if (!isContainer(root)) {
    return refuse(
      isKind(root, "tensor") || root === null
        ? "no dictionary of tensors"
        : `no dictionary of tensors, but ${kindOf(root)}`,
      "Save the weights by name in PyTorch: torch.save(model.state_dict(), path)",
    );
  }
  const walk = new Walk(findHolders(root, refuse), refuse);
  walk.flatten(root, "", []);
  if (walk.tensors.size === 0) {
    const [object] = walk.objects;
    const found = object ?? (isKind(root, "record") ? ["", root.name] : undefined);
    refuse(
      found === undefined ? "no tensors" : `no tensors, but the Python object ${quote(found[1])}` +
        (found[0] === "" ? "" : ` under ${quote(found[0])}`),
      "Save the weights by name in PyTorch: torch.save(model.state_dict(), path)",
    );
  }
  const { tensors, objects, aliases } = walk;
  return { tensors, objects, aliases, texts: textsOf(root) };
}

/** The texts of the outermost dictionary. */
function textsOf(root: PickleContainer): Record<string, string> {
  const texts = entriesOf(root)
    .filter((entry): entry is [string, string] =>
      typeof entry[0] === "string" && typeof entry[1] === "string" &&
      entry[1].length <= longestText
    );
  return Object.fromEntries(texts.slice(0, mostTexts));
}

/** Gives every tensor below a container its name. */
class Walk {
  readonly tensors = new Map<string, TorchTensor & Contained>();
  readonly objects = new Map<string, string>();
  readonly aliases = new Map<string, string>();
  /** Containers that were flattened, and the names that they got. */
  readonly #seen = new Map<PickleContainer, string>();

  constructor(readonly holders: Holders, readonly refuse: Refuse) {}

  flatten(container: PickleContainer, prefix: string, keys: readonly string[], depth = 1): void {
    if (depth > MAXIMUM_DEPTH) {
      this.refuse(
        `tensors nested more than ${MAXIMUM_DEPTH} deep, the budget of this reader`,
        saveAlone,
      );
    }
    this.#seen.set(container, prefix);
    for (const [key, value] of entriesOf(container)) {
      const name = key === undefined ? prefix.slice(0, -1) : nameOf(prefix, key);
      // Tensors under keys that are no names are those of no network.
      if (name === undefined) continue;
      if (name.length > MAXIMUM_NAME) {
        if (!isKind(value, "tensor") && !this.#holds(value)) continue;
        this.refuse(`a name of ${name.length} characters, expected at most ${MAXIMUM_NAME}`);
      }
      if (isKind(value, "tensor")) this.#add(name, { ...value, container: keys });
      else if (this.#holds(value)) {
        const below = name === "" ? "" : `${name}.`, earlier = this.#seen.get(value);
        const inside = key === undefined ? keys : [...keys, String(key)];
        if (earlier === undefined) this.flatten(value, below, inside, depth + 1);
        else this.aliases.set(below, earlier);
      } else if (isKind(value, "record") && this.objects.size < MAXIMUM_TENSORS) {
        this.objects.set(name, value.name);
      }
    }
  }

  #holds(value: PickleValue): value is PickleContainer {
    return isContainer(value) && this.holders.has(value);
  }

  #add(name: string, tensor: TorchTensor & Contained): void {
    if (this.tensors.has(name)) this.refuse(`the tensor ${quote(name)} twice`);
    if (this.tensors.size === MAXIMUM_TENSORS) {
      this.refuse(
        `more than ${MAXIMUM_TENSORS} tensors, the budget of this reader`,
        saveAlone,
      );
    }
    this.tensors.set(name, tensor);
  }
}

function nameOf(prefix: string, key: PickleValue): string | undefined {
  const named = typeof key === "string" || typeof key === "number" || typeof key === "bigint";
  return named ? `${prefix}${key}` : undefined;
}

/** Containers that hold a tensor, directly or nested. */
type Holders = ReadonlySet<PickleContainer>;

function refuseRepeatedKeys({ entries }: PickleDict, refuse: Refuse): void {
  const keys = new Set<PickleValue>();
  for (const [key] of entries) {
    if (keys.has(key)) refuse(`the key ${quote(String(key))} twice in one dictionary`);
    keys.add(key);
  }
}

/** Visits each container once, however often it occurs and however deep. */
function findHolders(root: PickleContainer, refuse: Refuse): Holders {
  const holders = new Set<PickleContainer>();
  const parents = new Map<PickleContainer, PickleContainer[]>([[root, []]]);
  const depths = new Map<PickleContainer, number>([[root, 1]]);
  for (const [container, depth] of depths) { // which grows meanwhile
    if (depth > MAXIMUM_OBJECT_DEPTH) {
      refuse(
        `values nested more than ${MAXIMUM_OBJECT_DEPTH} deep, the budget of this reader`,
        saveAlone,
      );
    }
    const entries = entriesOf(container);
    if (isKind(container, "dict") && entries.length > 1) refuseRepeatedKeys(container, refuse);
    for (const [, value] of entries) {
      if (isKind(value, "tensor")) holders.add(container);
      if (!isContainer(value)) continue;
      const known = parents.get(value);
      known?.push(container);
      if (known !== undefined) continue;
      parents.set(value, [container]);
      depths.set(value, depth + 1);
    }
  }
  for (const holder of holders) { // which grows meanwhile
    for (const parent of parents.get(holder) ?? []) holders.add(parent);
  }
  return holders;
}
