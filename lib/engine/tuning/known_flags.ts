/** Which flags of XLA a library has: one that it does not know would end the process. */
import { Buffer } from "node:buffer";
import { flagNames, type FlagSetName, flagSetNames } from "./flag_sets.ts";

/** Bytes that are searched at a time. */
const chunkBytes = 1 << 24;

/**
 * The names that stand in a file as strings of their own, between two zero bytes, as C keeps them.
 *
 * @param names of at most 200 letters
 */
export async function stringsIn(path: string, names: readonly string[]): Promise<Set<string>> {
  const needles = new Map(names.map((name) => [name, Buffer.from(`\0${name}\0`, "latin1")]));
  const overlap = 256, bytes = Buffer.alloc(overlap + chunkBytes), found = new Set<string>();
  using file = await Deno.open(path);
  for (let kept = 0; needles.size > 0;) {
    const read = await file.read(bytes.subarray(kept, kept + chunkBytes));
    if (read === null) break;
    const length = kept + read, searched = bytes.subarray(0, length);
    for (const [name, needle] of needles) {
      if (!searched.includes(needle)) continue;
      found.add(name);
      needles.delete(name);
    }
    kept = Math.min(overlap, length);
    bytes.copyWithin(0, length - kept, length);
  }
  return found;
}

/** The sets all of whose flags a library has. */
export async function knownFlagSets(library: string): Promise<FlagSetName[]> {
  const known = await stringsIn(library, [...new Set(flagSetNames.flatMap(flagNames))]);
  return flagSetNames.filter((set) => flagNames(set).every((name) => known.has(name)));
}
