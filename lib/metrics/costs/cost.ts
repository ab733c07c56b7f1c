/** Costs of keeping and running a model. */

/** One model's line in the table of costs. */
export interface CostRow {
  /** What tables call it. */
  readonly model: string;
  /** Numbers in its weights. */
  readonly parameters: number;
  /** Floating-point operations for one image, in units of 1e9; a multiplication and an addition are two. */
  readonly gflop?: number | undefined;
  /** Measured time for one image, in a batch. */
  readonly milliseconds?: number | undefined;
}

/**
 * The costs of running all of these models on every image; figures that one of them lacks are
 * undefined.
 *
 * @example
 * ```ts
 * import { sumOfCosts } from "./cost.ts";
 * const teacher = { model: "a", parameters: 10, milliseconds: 1 };
 * const { parameters } = sumOfCosts("both", [teacher, { ...teacher, model: "b" }]);
 * if (parameters !== 20) throw new Error("Expected both");
 * ```
 */
export function sumOfCosts(model: string, rows: readonly CostRow[]): CostRow {
  return {
    model,
    parameters: rows.reduce((sum, { parameters }) => sum + parameters, 0),
    gflop: sumOfKnown(rows.map(({ gflop }) => gflop)),
    milliseconds: sumOfKnown(rows.map(({ milliseconds }) => milliseconds)),
  };
}

/** The sum of the values, undefined where one of them is. */
export function sumOfKnown(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}
