/**
 * What a value of a pickle holds by name, whatever Python stored it as: dictionaries and their
 * subclasses, lists and tuples, attributes of objects, and modules that were saved whole.
 *
 * @module
 */
import {
  isKind,
  type PickleDict,
  type PickleList,
  type PickleRecord,
  type PickleTuple,
  type PickleValue,
} from "./pickle_values.ts";

/** A value that holds others. */
export type PickleContainer = PickleDict | PickleList | PickleTuple | PickleRecord;

/** A key and its value; without a key, what the value holds counts as the container's own. */
export type PickleEntry = readonly [key: PickleValue | undefined, value: PickleValue];

/** Attributes of a module of PyTorch that hold its tensors and its parts. */
const moduleParts: ReadonlySet<PickleValue> = new Set(["_parameters", "_buffers", "_modules"]);

/** Whether a value can hold others. */
export function isContainer(value: PickleValue | undefined): value is PickleContainer {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  const { kind } = value;
  return kind === "dict" || kind === "list" || kind === "tuple" || kind === "record";
}

/** The items of a container by key, those of a list by number. */
export function entriesOf(container: PickleContainer): readonly PickleEntry[] {
  switch (container.kind) {
    case "dict":
      return container.entries;
    case "list":
    case "tuple":
      return container.items.map((item, i) => [i, item]);
    case "record":
      return [...container.entries, ...attributesOf(container.state)];
  }
}

function attributesOf(state: PickleValue | undefined): readonly PickleEntry[] {
  // A tuple holds attributes, and those that have slots.
  const parts = isKind(state, "tuple") ? state.items.slice(0, 2) : [state];
  return parts.filter((part) => isKind(part, "dict")).flatMap((part): readonly PickleEntry[] => {
    // A module's parts are among its first attributes; many objects may share one long state.
    const first = part.entries.slice(0, 100);
    return first.some(([key]) => key === "_modules")
      ? first.filter(([key]) => moduleParts.has(key)).map(([, value]) => [undefined, value])
      : [[undefined, part]];
  });
}
