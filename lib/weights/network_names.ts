/**
 * Names of the tensors of one network in a file: those below a key, without the prefixes that
 * wrappers have put before every name.
 *
 * @module
 */
import { quote, type Refuse } from "./refuse_reading.ts";

/** Keys under which networks are saved, in the order of preference. */
const usualKeys = ["state_dict", "model", "teacher", "model_state", "student"];
/** Prefixes of names by data-parallel training and by self-supervised learning. */
const wrappers = ["module.", "backbone."];
/** A tensor, and the keys of the dictionaries around it. */
export interface Contained {
  /** From the outermost dictionary inwards; one array for the tensors of one dictionary. */
  readonly container: readonly string[];
}

/**
 * The prefix of full names that a key of the file stands for, a dictionary or a prefix of names.
 *
 * @param key `"ema"`, or `"a.b"` for b within a.
 * @param aliases Other names of dictionaries.
 * @throws {UserError} From `refuse`, where there are none.
 */
export function prefixOfKey(
  tensors: ReadonlyMap<string, unknown>,
  key: string,
  aliases: ReadonlyMap<string, string>,
  refuse: Refuse,
): string {
  const prefix = key.endsWith(".") ? key : `${key}.`;
  const chosen = aliases.get(prefix) ?? prefix;
  if (below(tensors, chosen).size > 0) return chosen;
  const first = new Set([...tensors.keys(), ...aliases.keys()].map((name) => name.split(".")[0]!));
  const names = [...first].filter((name) => below(tensors, `${name}.`).size > 0).slice(0, 10);
  return refuse(
    `no dictionary under ${quote(key)}, and no tensors whose names begin with ${quote(prefix)}`,
    names.length === 0 ? "Leave the key out" : `Choose one of ${names.map(quote).join(", ")}`,
  );
}

/** The tensors below the usual keys; those of an only dictionary may have any key. */
export function belowUsualKey<T extends Contained>(
  tensors: ReadonlyMap<string, T>,
): Map<string, T> {
  let chosen = new Map(tensors);
  for (let depth = 0;; depth++) {
    const nested = new Set([...chosen.values()].map(({ container }) => container[depth]));
    const usual = usualKeys.find((key) => nested.has(key));
    const [only] = nested;
    const key = usual ?? (nested.size === 1 ? only : undefined); // undefined: beside dictionaries
    if (key === undefined) return chosen;
    const inside = [...chosen].filter(([, { container }]) => container[depth] === key);
    chosen = new Map(inside.map(([name, tensor]) => [name.slice(key.length + 1), tensor]));
  }
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

/** The tensors whose names begin with `prefix`, without it. */
export function below<T>(tensors: ReadonlyMap<string, T>, prefix: string): Map<string, T> {
  const matches = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(matches.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
