/** Names for tables that tell everything apart that is not the same. */
import { resolve } from "node:path";

/** Something that tables name. */
export interface Nameable {
  /** What it is called where nothing else is called so. */
  readonly name: string;
  /** Longer names to fall back on, from short to long. */
  readonly longer: readonly string[];
  /** Whether the caller chose the name, so that others give way. */
  readonly chosen?: boolean | undefined;
}

/**
 * A name for each, all of them different: of those that would be called the same, each takes the
 * shortest of its longer names that tells it from all others; what has none left is numbered.
 *
 * @example
 * ```ts
 * import { distinctNames, pathNames } from "./distinct_names.ts";
 * const sets = ["a/birds.zip", "b/birds.zip", "cats"].map((path) => pathNames(path));
 * const names = distinctNames(sets.map(([name = "", ...longer]) => ({ name, longer })));
 * if (names.join() !== "a/birds,b/birds,cats") throw new Error("As short as can be");
 * ```
 */
export function distinctNames(things: readonly Nameable[]): string[] {
  const names = things.map(({ name }) => name);
  const left = things.map(({ name, longer }) => longer.filter((other) => other !== name));
  for (;;) {
    const equal = [...Map.groupBy(names.keys(), (i) => names[i]!).values()]
      .find((group) => group.length > 1);
    if (equal === undefined) return names;
    const [chosen] = equal.filter((i) => things[i]!.chosen);
    const moving = equal.filter((i) => i !== chosen && left[i]!.length > 0);
    for (const i of moving) names[i] = left[i]!.shift()!;
    if (moving.length > 0) continue;
    const stays = chosen ?? equal[0];
    for (const i of equal) if (i !== stays) names[i] = numbered(names[i]!, names);
  }
}

function numbered(name: string, taken: readonly string[]): string {
  let number = 2;
  while (taken.includes(`${name} (${number})`)) number++;
  return `${name} (${number})`;
}

/** Endings that say how something is stored, not what it is. */
const endings = /(\.dense\.json|\.json|\.zip|\.safetensors)$/i;

/** Names of a path, from its last part to the whole, first without its ending, then with it. */
export function pathNames(path: string): string[] {
  const whole = resolve(path).replaceAll("\\", "/");
  return [...tailsOf(whole.replace(endings, "")), ...tailsOf(whole)];
}

/** `a/b/c`: "c", "b/c" and "a/b/c". */
function tailsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part !== "");
  return parts.map((_, i) => parts.slice(parts.length - 1 - i).join("/"));
}
