/** Which checkpoints of a run stay on the disk. */

/** What stays; a checkpoint that any of the three names is kept. */
export interface CheckpointRetention {
  /** The newest so many. Default 2. */
  readonly keep?: number;
  /** Those so many whose updates had the lowest loss. Default 0. */
  readonly keepBest?: number;
  /** Those whose update is a multiple of this. Default: none. */
  readonly keepEvery?: number;
}

/** What is known of a checkpoint without reading its tensors. */
export interface CheckpointEntry {
  /** Updates done. */
  readonly step: number;
  /** Mean loss of the updates since the checkpoint before, where there were any. */
  readonly loss?: number;
}

/**
 * The updates whose checkpoints stay. Of equal losses the newer one is the better.
 *
 * @example
 * ```ts
 * import { retainedCheckpoints } from "@hashigo/hashigo";
 * const found = [{ step: 1, loss: 3 }, { step: 2, loss: 1 }, { step: 3, loss: 2 }, { step: 4 }];
 * const stay = retainedCheckpoints(found, { keep: 1, keepBest: 1, keepEvery: 3 });
 * if ([...stay].sort().join() !== "2,3,4") throw new Error("Expected newest, best and third");
 * ```
 */
export function retainedCheckpoints(
  found: readonly CheckpointEntry[],
  { keep = 2, keepBest = 0, keepEvery }: CheckpointRetention,
): Set<number> {
  const newest = [...found].sort((a, b) => b.step - a.step);
  const best = newest.filter(({ loss }) => loss !== undefined)
    .sort((a, b) => (a.loss ?? 0) - (b.loss ?? 0));
  const periodic = keepEvery === undefined
    ? []
    : found.filter(({ step }) => step > 0 && step % keepEvery === 0);
  const stay = [...newest.slice(0, keep), ...best.slice(0, keepBest), ...periodic];
  return new Set(stay.map(({ step }) => step));
}

/** How many checkpoints lie on the disk at once, at most: those that stay, and the one in writing. */
export function checkpointsAtMost(
  { keep = 2, keepBest = 0, keepEvery }: CheckpointRetention,
  saves: { readonly steps: number; readonly every: number },
): number {
  const periodic = keepEvery === undefined ? 0 : Math.floor(saves.steps / keepEvery);
  const inAll = Math.ceil(saves.steps / saves.every);
  return Math.min(keep + keepBest + periodic, inAll) + 1;
}
