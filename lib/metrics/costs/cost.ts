/** What a model costs to keep and to run. */

/** One model's line in the table of costs. */
export interface CostRow {
  /** What tables call it. */
  readonly model: string;
  /** Numbers in its weights. */
  readonly parameters: number;
  /** Floating-point operations for one image, in units of 1e9; a multiplication and an addition are two. */
  readonly gflop?: number;
  /** Measured time for one image, in a batch. */
  readonly milliseconds?: number;
}

/**
 * What it costs to run all of the given models instead of one; figures that one of them lacks are
 * left out.
 *
 * @example
 * ```ts
 * import { sumOfCosts } from "@hashigo/hashigo";
 * const teacher = { model: "a", parameters: 10, milliseconds: 1 };
 * const { parameters } = sumOfCosts("both", [teacher, { ...teacher, model: "b" }]);
 * if (parameters !== 20) throw new Error("Expected both");
 * ```
 */
export function sumOfCosts(model: string, rows: readonly CostRow[]): CostRow {
  const sum = (values: readonly (number | undefined)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? NaN), 0);
  const gflop = sum(rows.map((row) => row.gflop));
  const milliseconds = sum(rows.map((row) => row.milliseconds));
  return {
    model,
    parameters: sum(rows.map((row) => row.parameters)),
    ...(Number.isNaN(gflop) ? {} : { gflop }),
    ...(Number.isNaN(milliseconds) ? {} : { milliseconds }),
  };
}
