/** Costs of a model where it runs: time, memory, size. */
import { sumOfKnown } from "./cost.ts";

/** One model's line in the deployment table; what cannot be measured is absent. */
export interface DeploymentRow {
  /** What tables call it. */
  readonly model: string;
  /** Numbers in its weights. */
  readonly parameters: number;
  /** Floating-point operations for one image, in units of 1e9; a multiplication and an addition are two. */
  readonly gflop: number;
  /** Bytes of its file. */
  readonly fileBytes?: number | undefined;
  /** Milliseconds that half of the calls with one image stay within. */
  readonly p50: number;
  /** Milliseconds that 95 % of the calls with one image stay within. */
  readonly p95: number;
  /** Images per second at the best batch size. */
  readonly imagesPerSecond: number;
  /** That batch size; absent for several models together. */
  readonly batchSize?: number | undefined;
  /** Most bytes of resident memory that it adds to a process of its own, with one image at a time. */
  readonly peakBytes?: number | undefined;
  /** Energy for one image at the best batch size, where the machine reports it. */
  readonly joules?: number | undefined;
}

/**
 * The costs of running all of these models on every image, one after the other. Latencies add up (of
 * p95, at most), as do files and memory where all are kept ready. Figures that one model lacks are
 * undefined.
 *
 * @example
 * ```ts
 * import { sumOfDeployments } from "./deployment.ts";
 * const row = { model: "a", parameters: 1, gflop: 1, p50: 2, p95: 3, imagesPerSecond: 100 };
 * const { p50, imagesPerSecond } = sumOfDeployments("both", [row, { ...row, model: "b" }]);
 * if (p50 !== 4 || imagesPerSecond !== 50) throw new Error("Twice the time, half the images");
 * ```
 */
export function sumOfDeployments(model: string, rows: readonly DeploymentRow[]): DeploymentRow {
  const sum = (of: (row: DeploymentRow) => number) => rows.reduce((all, row) => all + of(row), 0);
  return {
    model,
    parameters: sum((row) => row.parameters),
    gflop: sum((row) => row.gflop),
    fileBytes: sumOfKnown(rows.map(({ fileBytes }) => fileBytes)),
    p50: sum((row) => row.p50),
    p95: sum((row) => row.p95),
    imagesPerSecond: 1 / sum((row) => 1 / row.imagesPerSecond),
    peakBytes: sumOfKnown(rows.map(({ peakBytes }) => peakBytes)),
    joules: sumOfKnown(rows.map(({ joules }) => joules)),
  };
}
