/** Parameters, operations and time of models, as tables. */
import type { Evaluation } from "../../evaluation/results.ts";
import { type CostRow, sumOfCosts } from "../../metrics/costs/cost.ts";
import { millions, significant } from "../format.ts";
import { textTable } from "./text_table.ts";

/** Titles of the columns. */
export const costHeader: readonly string[] = ["model", "parameters", "GFLOP/image", "ms/image"];

/** Cells of one line. */
export function costCells({ model, parameters, gflop, milliseconds }: CostRow): string[] {
  return [model, millions(parameters), significant(gflop), significant(milliseconds)];
}

/**
 * Parameters, GFLOP and milliseconds per image of every model, for a terminal.
 *
 * @example
 * ```ts
 * import { costText } from "@hashigo/hashigo/report";
 * const text = costText([{ model: "student", parameters: 720_000, milliseconds: 0.4 }]);
 * if (!text.includes("0.720 M")) throw new Error("Millions");
 * ```
 */
export function costText(rows: readonly CostRow[]): string {
  return textTable(costHeader, rows.map(costCells));
}

/** Costs of the measured models and, in a last line, of all teachers together. */
export function evaluationCosts(
  { costs, models }: Pick<Evaluation, "costs" | "models">,
): CostRow[] {
  const teachers = models.filter(([, role]) => role === "teacher").map(([name]) => name);
  return [...costs, ...sumOfTeachers(costs.filter(({ model }) => teachers.includes(model)))];
}

/** The line of all teachers together, where there are several. */
export function sumOfTeachers(teachers: readonly CostRow[]): CostRow[] {
  return teachers.length < 2 ? [] : [sumOfCosts(`all ${teachers.length} teachers`, teachers)];
}
