/** Chooses from lists without chance. */

/**
 * At most so many of a list, spread evenly over it, in its order.
 *
 * @example
 * ```ts
 * import { spreadEvenly } from "./spread_evenly.ts";
 * if (spreadEvenly(["a", "b", "c", "d"], 2).join() !== "a,c") throw new Error("The first of each half");
 * ```
 */
export function spreadEvenly<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(list.length, most);
  return Array.from({ length: count }, (_, i) => list[Math.floor(i * list.length / count)]!);
}
