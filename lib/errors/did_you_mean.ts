/**
 * The question "Did you mean X or Y?" with the at most three known names, nearest first, that a misspelt
 * name resembles: close in spelling, or one containing the other. Empty where none does.
 *
 * @param show How a name stands in the question. Default: as it is.
 *
 * @example
 * ```ts
 * import { suggestion } from "./did_you_mean.ts";
 * const question = suggestion("batchsize", ["batchSize", "steps"]);
 * if (question !== "Did you mean batchSize?") throw new Error("Expected the nearest name");
 * ```
 */
export function suggestion(
  misspelt: string,
  known: readonly string[],
  show: (name: string) => string = (name) => name,
): string {
  const names = nearestNames(misspelt, known);
  return names.length === 0 ? "" : `Did you mean ${names.map(show).join(" or ")}?`;
}

function nearestNames(misspelt: string, known: readonly string[]): string[] {
  const lower = misspelt.toLowerCase();
  const contains = (name: string) =>
    Math.min(lower.length, name.length) > 2 &&
    (name.toLowerCase().includes(lower) || lower.includes(name.toLowerCase()));
  return known
    .map((name) => ({ name, distance: contains(name) ? 1 : editDistance(misspelt, name) }))
    .filter(({ name, distance }) => distance <= Math.max(2, name.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);
}

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
