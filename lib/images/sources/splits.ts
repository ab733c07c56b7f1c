/**
 * Parts of a set by the names of its folders: train, validation and test.
 *
 * @module
 */
import { compareNames } from "./names.ts";

/** What a part of a set is for. */
export type SplitKind = "train" | "validation" | "test";

const words: readonly (readonly [SplitKind, readonly string[]])[] = [
  ["train", ["train", "training", "trn", "trainset"]],
  ["validation", ["val", "valid", "validation", "dev", "eval", "valset"]],
  ["test", ["test", "testing", "tst", "testset"]],
];

/** The kind of a part that goes by this name alone, such as "Training" or "val". */
export function splitKind(name: string): SplitKind | undefined {
  return words.find(([, names]) => names.includes(name.toLowerCase()))?.[0];
}

/**
 * Parts among the names of folders (or tables): train beside validation or test, in any case, all
 * with the same text before and after, as in `seg_train` and `seg_test`. Names that are nothing but
 * parts are parts, too.
 *
 * @example
 * ```ts
 * import { findSplits } from "./splits.ts";
 * const splits = findSplits(["seg_train", "seg_test", "seg_pred"]);
 * if (splits.get("test") !== "seg_test") throw new Error("Expected the common text to be seen");
 * if (findSplits(["train", "bus", "car"]).size > 0) throw new Error("A train is a vehicle here");
 * ```
 */
export function findSplits(names: readonly string[]): ReadonlyMap<SplitKind, string> {
  const groups = new Map<string, Map<SplitKind, string>>();
  for (const name of names.toSorted(compareNames)) {
    for (const { kind, around } of readings(name)) {
      const group = groups.get(around) ?? new Map<SplitKind, string>();
      groups.set(around, group);
      if (!group.has(kind)) group.set(kind, name);
    }
  }
  const plain = groups.get("|");
  if (plain !== undefined && names.every((name) => splitKind(name) !== undefined)) return plain;
  const whole = [plain, ...groups.values()].find((group) =>
    group?.has("train") && (group.has("test") || group.has("validation"))
  );
  return whole ?? new Map();
}

/** Every way to read a name as a part, with the text around the word. */
function readings(name: string): { kind: SplitKind; around: string }[] {
  const lower = name.toLowerCase();
  return words.flatMap(([kind, names]) =>
    names.flatMap((word) =>
      [...lower.matchAll(new RegExp(`(?<![a-z])${word}(?![a-z])`, "g"))].map(({ index }) => ({
        kind,
        around: `${lower.slice(0, index)}|${lower.slice(index + word.length)}`,
      }))
    )
  );
}

/** Names of the outermost folders below a folder, sorted. */
export function levelsBelow(prefix: string, names: Iterable<string>): string[] {
  const levels = new Set<string>();
  for (const name of names) {
    const end = name.startsWith(prefix) ? name.indexOf("/", prefix.length) : -1;
    if (end !== -1) levels.add(name.slice(prefix.length, end));
  }
  return [...levels].sort(compareNames);
}

/**
 * Passes through folders that hold one folder and nothing else, as zip programs make them. A folder
 * that holds images is a class and no wrapping, and so is one named as a part.
 *
 * @param options inner: whether names of parts are passed, too, as in `seg_train/seg_train`.
 * @returns The prefix of the innermost one, "" or ending in "/".
 */
export function passWrapping(
  prefix: string,
  names: readonly string[],
  { inner }: { readonly inner: boolean },
): string {
  for (let passed = prefix;;) {
    const below = names.filter((name) => name.startsWith(passed));
    const levels = levelsBelow(passed, below);
    const next = `${passed}${levels[0]}/`;
    const wraps = levels.length === 1 && (inner || splitKind(levels[0]!) === undefined) &&
      below.every((name) => name.startsWith(next) && name.indexOf("/", next.length) !== -1);
    if (!wraps) return passed;
    passed = next;
  }
}
