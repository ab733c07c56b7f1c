/** The best of a list of candidates, and of what can be added to it. */

/** A candidate with its score. */
export interface Trial<C> {
  /** What was tried. */
  readonly candidate: C;
  /** Higher is better. */
  readonly score: number;
}

/**
 * Chooses the candidate of the highest score and, as long as the best of its extensions scores higher still,
 * that one. Of equal scores the first wins, so simple candidates stand first. The caller's `score` alone knows
 * any data; it is asked once for each candidate.
 *
 * @param candidates At least one.
 * @param extend Extensions of the best so far; none ends the search.
 * @param leastGain An extension must score higher by more than this, since the best of many noisy scores is too
 * high. Default: 0.
 * @returns the choice, and everything that was tried, in order
 *
 * @example
 * ```ts
 * import { chooseGreedily } from "./greedy_choice.ts";
 * const { chosen } = await chooseGreedily([1, 4, 2], {
 *   extend: (best) => [best + 1],
 *   score: (candidate) => Promise.resolve(-Math.abs(candidate - 6)),
 * });
 * if (chosen.candidate !== 6) throw new Error("4, then 5, then 6; 7 is worse");
 * ```
 */
export async function chooseGreedily<C>(
  candidates: readonly C[],
  { extend, score, leastGain = 0 }: {
    readonly extend: (best: C) => readonly C[];
    readonly score: (candidate: C) => Promise<number>;
    readonly leastGain?: number | undefined;
  },
): Promise<{ readonly chosen: Trial<C>; readonly trials: readonly Trial<C>[] }> {
  const trials: Trial<C>[] = [];
  let best: Trial<C> | undefined, next = candidates;
  while (next.length > 0) {
    let better: Trial<C> | undefined;
    for (const candidate of next) {
      const trial = { candidate, score: await score(candidate) };
      trials.push(trial);
      if (better === undefined || trial.score > better.score) better = trial;
    }
    if (best !== undefined && !(better!.score > best.score + leastGain)) break;
    best = better!;
    next = extend(best.candidate);
  }
  if (best === undefined) throw new RangeError("Cannot choose: found no candidate, expected one");
  return { chosen: best, trials };
}
