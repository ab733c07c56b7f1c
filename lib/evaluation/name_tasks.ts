/** Names of tasks for tables, such that no two tasks share one. */
import { distinctNames, pathNames } from "./distinct_names.ts";

/**
 * Tasks under names that tell them apart: the short ones that they have, and of those that would be
 * called the same, as the folders `a/birds` and `b/birds`, as much of the path as it takes.
 *
 * @param sources Name or path that each was opened by.
 *
 * @example
 * ```ts
 * import { nameTasks } from "./name_tasks.ts";
 * const tasks = nameTasks([{ name: "digits" }, { name: "digits" }], ["digits", "mine/digits"]);
 * const names = tasks.map(({ name }) => name).join();
 * if (names !== "digits,mine/digits") throw new Error(names);
 * ```
 */
export function nameTasks<T extends { readonly name: string }>(
  tasks: readonly T[],
  sources: readonly string[],
): T[] {
  const names = distinctNames(tasks.map(({ name }, i) => {
    const source = sources[i] ?? name;
    return { name, longer: source === name ? [] : pathNames(source) };
  }));
  return tasks.map((task, i) => ({ ...task, name: names[i]! }));
}
