/** What a misspelt name was meant to be. */

/** Smallest number of insertions, deletions and replacements between two words, ignoring case. */
function editDistance(a: string, b: string): number {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  let previous = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      row.push(Math.min(replace, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[right.length] ?? 0;
}

/**
 * Names that `found` may have been meant to be: close in spelling, or one containing the other.
 * At most three, nearest first.
 *
 * @example
 * ```ts
 * import { nearestNames } from "@hashigo/hashigo";
 * const names = nearestNames("batchsize", ["batchSize", "steps"]);
 * if (names[0] !== "batchSize") throw new Error("The nearest name comes first");
 * ```
 */
export function nearestNames(found: string, known: readonly string[]): string[] {
  const lower = found.toLowerCase();
  const contains = (name: string) =>
    Math.min(lower.length, name.length) > 2 &&
    (name.toLowerCase().includes(lower) || lower.includes(name.toLowerCase()));
  return known
    .map((name) => ({ name, distance: contains(name) ? 1 : editDistance(found, name) }))
    .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}
