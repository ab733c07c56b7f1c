/** What an update has changed, for terminals: each task before and after. */
import type { EvaluationRow } from "../../metrics/comparison/evaluation_row.ts";
import { decimals, signed } from "../format.ts";
import { textTable } from "./text_table.ts";

/**
 * A line for each task and metric: before, after, the difference, and the 95 % interval of the value after.
 *
 * @param names of both models in the rows
 * @param tasks those of the old run, and those that were added
 */
export function updateText(
  rows: readonly EvaluationRow[],
  names: { readonly before: string; readonly after: string },
  tasks: { readonly old: readonly string[]; readonly new: readonly string[] },
): string {
  const after = rows.filter(({ model }) => model === names.after);
  const kindOf = (task: string) =>
    tasks.old.some((path) => isNamed(path, task))
      ? "old"
      : tasks.new.some((path) => isNamed(path, task))
      ? "new"
      : "";
  const lines = after.map(({ task, metric, value, low, high }) => {
    const before = rows.find((row) =>
      row.model === names.before && row.task === task && row.metric === metric
    )?.value;
    return [
      ...[task, metric, kindOf(task), decimals(before, 1), decimals(value, 1)],
      before === undefined ? "-" : signed(value - before),
      `${low.toFixed(1)} to ${high.toFixed(1)}`,
    ];
  });
  const header = ["task", "metric", "", "before", "after", "difference", "95 % interval"];
  return textTable(header, lines, [0, 1, 2]);
}

/** Whether a task in a table is that of a name or path. */
function isNamed(path: string, task: string): boolean {
  return path === task ||
    path.replace(/[/\\]+$/, "").split(/[/\\]/).at(-1)?.replace(/\.(zip|json)$/, "") === task;
}
