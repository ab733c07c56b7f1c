/** Results of many models on many tasks, put side by side. */
import { lowerIsBetter } from "./evaluation_metric.ts";
import type { EvaluationRow } from "./evaluation_row.ts";

/** One model on all tasks. */
export interface ScorecardLine {
  /** What tables call it. */
  readonly model: string;
  /** In the order of the tasks; undefined where it was not measured. */
  readonly cells: readonly (EvaluationRow | undefined)[];
  /** Plain mean over the tasks, where all of them were measured. */
  readonly mean: number | undefined;
}

/** Models by tasks, both in the order in which they first appear. */
export interface Scorecard {
  /** Names of the columns. */
  readonly tasks: readonly string[];
  /** One for each model. */
  readonly lines: readonly ScorecardLine[];
  /** Best value of each task: the highest, or the lowest of an error. */
  readonly best: readonly number[];
  /** Best mean. */
  readonly bestMean: number;
}

/**
 * Puts rows of one metric side by side. Of two rows of the same model and task the later one counts.
 *
 * @example
 * ```ts
 * import { scorecard } from "@hashigo/hashigo/metrics";
 * const row = { metric: "k-NN", low: 0, high: 100, images: 10, seconds: 1 };
 * const { lines } = scorecard([
 *   { ...row, model: "student", task: "digits", value: 90 },
 *   { ...row, model: "student", task: "x-rays", value: 80 },
 * ]);
 * if (lines[0]?.mean !== 85) throw new Error("The mean is plain");
 * ```
 */
export function scorecard(rows: readonly EvaluationRow[]): Scorecard {
  const tasks = [...new Set(rows.map((row) => row.task))];
  const models = [...new Set(rows.map((row) => row.model))];
  const lines = models.map((model) => {
    const cells = tasks.map((task) =>
      rows.findLast((row) => row.model === model && row.task === task)
    );
    const values = cells.flatMap((cell) => cell ? [cell.value] : []);
    const sum = values.reduce((total, value) => total + value, 0);
    return { model, cells, mean: values.length === tasks.length ? sum / tasks.length : undefined };
  });
  const extreme = rows[0] && lowerIsBetter(rows[0].metric) ? Math.min : Math.max;
  const best = (values: (number | undefined)[]) =>
    extreme(...values.filter((value) => value !== undefined));
  return {
    tasks,
    lines,
    best: tasks.map((_, i) => best(lines.map((line) => line.cells[i]?.value))),
    bestMean: best(lines.map((line) => line.mean)),
  };
}

/**
 * Groups rows by metric, in the order in which the metrics first appear.
 *
 * @example
 * ```ts
 * import { byMetric } from "./scorecard.ts";
 * const row = { model: "a", task: "b", value: 1, low: 0, high: 2, images: 9, seconds: 1 };
 * const parts = byMetric([{ ...row, metric: "k-NN" }, { ...row, metric: "logistic" }]);
 * if (parts.length !== 2 || parts[0]?.[0] !== "k-NN") throw new Error("Expected two tables");
 * ```
 */
export function byMetric(
  rows: readonly EvaluationRow[],
): (readonly [metric: string, rows: readonly EvaluationRow[]])[] {
  return [...Map.groupBy(rows, ({ metric }) => metric)];
}
