/** Which checkpoints of a run stay on the disk. */
import type { CheckpointEntry } from "./manifest.ts";

/** Rules of retention; a checkpoint that satisfies any of the three stays. */
export interface CheckpointRetention {
  /** Number of the newest. Default 2. */
  readonly keep?: number | undefined;
  /** Number of those whose updates had the lowest loss. Default 0. */
  readonly keepBest?: number | undefined;
  /** Those whose update is a multiple of this. Default: none. */
  readonly keepEvery?: number | undefined;
}

/**
 * The updates whose checkpoints stay. Of equal losses the newer one is the better.
 *
 * @example
 * ```ts
 * import { retainedCheckpoints } from "./retention.ts";
 * const checkpoints = [{ step: 1, loss: 3 }, { step: 2, loss: 1 }, { step: 3, loss: 2 }, { step: 4 }];
 * const stay = retainedCheckpoints(checkpoints, { keep: 1, keepBest: 1, keepEvery: 3 });
 * if ([...stay].sort().join() !== "2,3,4") throw new Error("Expected newest, best and third");
 * ```
 */
export function retainedCheckpoints(
  checkpoints: readonly CheckpointEntry[],
  { keep = 2, keepBest = 0, keepEvery }: CheckpointRetention,
): Set<number> {
  const newest = [...checkpoints].sort((a, b) => b.step - a.step);
  const best = newest.filter(({ loss }) => loss !== undefined)
    .sort((a, b) => (a.loss ?? 0) - (b.loss ?? 0));
  const periodic = keepEvery === undefined
    ? []
    : checkpoints.filter(({ step }) => step > 0 && step % keepEvery === 0);
  const stay = [...newest.slice(0, keep), ...best.slice(0, keepBest), ...periodic];
  return new Set(stay.map(({ step }) => step));
}
