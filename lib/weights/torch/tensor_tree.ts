/**
 * Finds the tensors of a checkpoint and their names: the dictionary that holds the network, and the
 * prefixes that wrappers have put before every name.
 *
 * @module
 */
import { isKind, type PickleDict, type PickleValue, type TorchTensor } from "./pickle_values.ts";
import { quote, type Refuse } from "../refuse_reading.ts";

/** Keys under which networks are saved, in the order of preference. */
const usualKeys = ["state_dict", "model", "teacher", "model_state", "student"];
/** Prefixes of names by data-parallel training and by self-supervised learning. */
const wrappers = ["module.", "backbone."];

const MAXIMUM_DEPTH = 50;
const MAXIMUM_NAME = 500;
/**
 * Most tensors of a checkpoint: a network has hundreds. See also the limit of operations in
 * pickle.ts.
 */
export const MAXIMUM_TENSORS = 25_000;

/**
 * Finds the tensors of the dictionary that holds the network, its nested dictionaries flattened.
 *
 * @param key Key of that dictionary, `a.b` for b within a. Default: by the usual keys.
 */
export function findTensors(
  root: PickleValue,
  refuse: Refuse,
  key?: string,
): Map<string, TorchTensor> {
  if (!isKind(root, "dict")) {
    return refuse(
      "no dictionary of tensors",
      "Save the weights by name in PyTorch: torch.save(model.state_dict(), path)",
    );
  }
  const holders = findHolders(root, refuse);
  const holder = key === undefined
    ? usualHolder(root, holders, refuse)
    : namedHolder(root, key, refuse);
  const tensors = new Map<string, TorchTensor>();
  flatten(holder, "", { tensors, holders, seen: new Set() }, refuse);
  if (tensors.size === 0) {
    refuse(
      "no tensors",
      "Save the weights by name in PyTorch: torch.save(model.state_dict(), path)",
    );
  }
  return tensors;
}

/** Removes prefixes that all names have: `module.`, `backbone.` or both. */
export function stripWrappers<T>(tensors: ReadonlyMap<string, T>): Map<string, T> {
  let entries = [...tensors];
  const common = () =>
    wrappers.find((prefix) =>
      entries.every(([name]) => name.startsWith(prefix) && name.length > prefix.length)
    );
  for (let prefix = common(); prefix !== undefined && entries.length > 0; prefix = common()) {
    const { length } = prefix;
    entries = entries.map(([name, tensor]) => [name.slice(length), tensor]);
  }
  return new Map(entries);
}

/** The dictionary reached by the usual keys; an only dictionary with tensors may have any key. */
function usualHolder(root: PickleDict, holders: Holders, refuse: Refuse): PickleDict {
  let holder = root;
  for (const passed = new Set([root]);;) {
    const nested = holder.entries.filter(([, value]) => isHolder(value, holders));
    const usual = usualKeys.map((key) => nested.find(([name]) => name === key))
      .find((entry) => entry !== undefined);
    const direct = holder.entries.some(([, value]) => isKind(value, "tensor"));
    const [, next] = usual ?? (direct || nested.length !== 1 ? [] : nested[0] ?? []);
    if (!isHolder(next, holders)) return holder;
    if (passed.has(next)) refuse("a dictionary within itself");
    passed.add(next);
    holder = next;
  }
}

function namedHolder(root: PickleDict, path: string, refuse: Refuse): PickleDict {
  let holder = root;
  for (const key of path.split(".")) {
    const next = holder.entries.find(([name]) => name === key)?.[1];
    if (!isKind(next, "dict")) {
      const known = holder.entries.filter(([, value]) => isKind(value, "dict")).slice(0, 10);
      const names = known.map(([name]) => quote(String(name))).join(", ");
      return refuse(
        `no dictionary under ${quote(key)}`,
        names === "" ? "Leave the key out" : `Choose one of ${names}`,
      );
    }
    holder = next;
  }
  return holder;
}

/** State of {@linkcode flatten}. */
interface Flattening {
  readonly tensors: Map<string, TorchTensor>;
  readonly holders: Holders;
  /** Dictionaries that were flattened: one that occurs twice could be unfolded without end. */
  readonly seen: Set<PickleDict>;
}

function flatten(
  dict: PickleDict,
  prefix: string,
  flattening: Flattening,
  refuse: Refuse,
): void {
  const { tensors, holders, seen } = flattening;
  if (seen.has(dict)) refuse(`the dictionary ${quote(prefix)} at two places, or in itself`);
  seen.add(dict);
  for (const [key, value] of dict.entries) {
    const nested = isHolder(value, holders);
    if (!nested && !isKind(value, "tensor")) continue;
    if (typeof key !== "string" && typeof key !== "number") {
      return refuse(`tensors under a key of the dictionary ${quote(prefix)} that is no name`);
    }
    const name = `${prefix}${key}`;
    if (name.length > MAXIMUM_NAME) {
      refuse(`a name of ${name.length} characters, expected at most ${MAXIMUM_NAME}`);
    }
    if (nested) {
      flatten(value, `${name}.`, flattening, refuse);
      continue;
    }
    if (tensors.has(name)) refuse(`the tensor ${quote(name)} twice`);
    if (tensors.size === MAXIMUM_TENSORS) {
      refuse(`more than ${MAXIMUM_TENSORS} tensors`);
    }
    tensors.set(name, value);
  }
}

/** Dictionaries that hold a tensor, directly or nested. */
type Holders = ReadonlySet<PickleDict>;

/** Visits each dictionary once, however often it occurs. */
function findHolders(root: PickleDict, refuse: Refuse): Holders {
  const holders = new Set<PickleDict>(), seen = new Set<PickleDict>();
  const visit = (dict: PickleDict, depth: number): void => {
    if (depth > MAXIMUM_DEPTH) refuse(`dictionaries nested more than ${MAXIMUM_DEPTH} deep`);
    seen.add(dict);
    const keys = new Set<PickleValue>();
    for (const [key, value] of dict.entries) {
      if (keys.has(key)) refuse(`the key ${quote(String(key))} twice in one dictionary`);
      keys.add(key);
      if (isKind(value, "dict") && !seen.has(value)) visit(value, depth + 1);
      if (isKind(value, "tensor") || isHolder(value, holders)) holders.add(dict);
    }
  };
  visit(root, 1);
  return holders;
}

function isHolder(value: PickleValue | undefined, holders: Holders): value is PickleDict {
  return isKind(value, "dict") && holders.has(value);
}
