/** Speed of a network: one image at a time, and many at once. */
import { UserError } from "../../errors/user_error.ts";

/** Outcome of {@linkcode measureLatency}. */
export interface Latency {
  /** Milliseconds that half of the calls with one image stay within. */
  readonly p50: number;
  /** Milliseconds that 95 % of the calls with one image stay within. */
  readonly p95: number;
  /** Images per second at the best batch size. */
  readonly imagesPerSecond: number;
  /** That batch size, the smaller of equals. */
  readonly batchSize: number;
}

/** Options of {@linkcode measureLatency}. */
export interface LatencyOptions {
  /** Batch sizes that are tried. Default 1, 8, 32, 64 and 128. */
  readonly batchSizes?: readonly number[] | undefined;
  /** Timed calls with one image. Default 100. */
  readonly calls?: number | undefined;
  /** Timed calls with each batch size, of which the median counts. Default 5. */
  readonly batchCalls?: number | undefined;
  /** Calls with each size before the timed ones, which compile and warm up. Default 3. */
  readonly warmUp?: number | undefined;
  /** Clock in milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}

/**
 * Measures the latency and the throughput of a network.
 *
 * @param run runs a batch of this many images and resolves when its result is there, such as after
 * `await output.data()`; a call that resolves earlier is timed too short.
 * @throws {UserError} where there is no batch size or no call, or one is not a whole number.
 *
 * @example
 * ```ts
 * import { measureLatency } from "@hashigo/hashigo/metrics";
 * let clock = 0;
 * // A made-up network: 2 ms for a call and 1 ms for each image.
 * const run = (images: number) => Promise.resolve(void (clock += 2 + images));
 * const { p95, batchSize } = await measureLatency(run, { now: () => clock });
 * if (p95 !== 3 || batchSize !== 128) throw new Error("Large batches pay off");
 * ```
 */
export async function measureLatency(
  run: (images: number) => Promise<void>,
  options: LatencyOptions = {},
): Promise<Latency> {
  const { batchSizes = [1, 8, 32, 64, 128], now = () => performance.now() } = options;
  const { calls = 100, batchCalls = 5, warmUp = 3 } = options;
  const whole = [...batchSizes, calls, batchCalls].every((count) =>
    Number.isSafeInteger(count) && count > 0
  );
  if (batchSizes.length === 0 || !whole || !(warmUp >= 0)) {
    throw new UserError(
      `Cannot time a network: found the batch sizes ${
        batchSizes.join(", ") || "none"
      }, ${calls} and ` +
        `${batchCalls} calls after ${warmUp}, expected whole numbers of at least 1. Correct them.`,
    );
  }
  const timed = async (images: number, count: number) => {
    for (let i = 0; i < warmUp; i++) await run(images);
    const times = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const begun = now();
      await run(images);
      times[i] = now() - begun;
    }
    return times.sort();
  };
  const single = await timed(1, calls);
  let best = { imagesPerSecond: -Infinity, batchSize: 0 };
  for (const batchSize of batchSizes.toSorted((a, b) => a - b)) {
    const median = quantile(await timed(batchSize, batchCalls), 0.5);
    const imagesPerSecond = 1000 * batchSize / median;
    if (imagesPerSecond > best.imagesPerSecond) best = { imagesPerSecond, batchSize };
  }
  return { p50: quantile(single, 0.5), p95: quantile(single, 0.95), ...best };
}

/**
 * The smallest of the sorted values that this share of them does not exceed; NaN of none.
 *
 * @example
 * ```ts
 * import { quantile } from "./latency.ts";
 * if (quantile([1, 2, 3, 4], 0.5) !== 2) throw new Error("Half of them are 2 at most");
 * ```
 */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}
