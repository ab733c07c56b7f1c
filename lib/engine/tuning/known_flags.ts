/** Which flags of XLA a library has: one that it does not know would end the process. */
import { Buffer } from "node:buffer";
import { flagNames, type FlagSetName, flagSetNames } from "./flag_sets.ts";

/** Bytes that are searched at a time, and as many of them again with the next ones: no name is longer. */
const chunkBytes = 1 << 24, overlap = 256;

/** What all names of flags begin with. */
const start = "xla_cpu_";

/** Names of flags that stand in a file as strings of their own, between two zero bytes, as C keeps them. */
export async function flagsIn(path: string): Promise<Set<string>> {
  const bytes = Buffer.alloc(overlap + chunkBytes), found = new Set<string>();
  using file = await Deno.open(path);
  for (let kept = 0;;) {
    const read = await file.read(bytes.subarray(kept, kept + chunkBytes));
    if (read === null) return found;
    const length = kept + read;
    // As text, a byte a letter: V8 searches that many times faster than bytes.
    const text = bytes.toString("latin1", 0, length);
    for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
      const end = text.indexOf("\0", at);
      if (text[at - 1] === "\0" && end > at && end - at < overlap) found.add(text.slice(at, end));
    }
    kept = Math.min(overlap, length);
    bytes.copyWithin(0, length - kept, length);
  }
}

/** The sets all of whose flags a library has. */
export async function knownFlagSets(library: string): Promise<FlagSetName[]> {
  const known = await flagsIn(library);
  return flagSetNames.filter((set) => flagNames(set).every((name) => known.has(name)));
}
