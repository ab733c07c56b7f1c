/**
 * Which teachers still count: one whose loss on held-out images no longer falls has nothing more to give.
 * Pure: the state goes in and out, and travels with checkpoints.
 *
 * @module
 */

/** When a teacher stops to count. */
export interface TeacherStopRule {
  /** Measurements in a row without an improvement, after which it stops. */
  readonly patience: number;
  /** Share of its lowest loss by which a loss must be lower to improve on it, 0 to below 1. */
  readonly minimumImprovement: number;
}

/** What is known of one teacher. */
export interface TeacherProgress {
  /** Lowest held-out loss that improved on those before. */
  readonly lowest: number;
  /** Measurements since then. */
  readonly waited: number;
  /** Updates after which it stopped. Default: it still counts. */
  readonly stoppedAfter?: number | undefined;
}

/** State by teacher; empty before the first measurement. */
export type TeacherStopState = { readonly [teacher: string]: TeacherProgress };

/**
 * Takes in a measurement. A teacher that stopped stays so, whatever is measured; of those that count at
 * least one goes on, that of the largest loss.
 *
 * @param losses held-out losses by teacher
 * @param step updates done
 *
 * @example
 * ```ts
 * import { judgeTeachers } from "./teacher_stop.ts";
 * const rule = { patience: 1, minimumImprovement: 0 };
 * const first = judgeTeachers({}, { a: 1, b: 1 }, { step: 10, rule });
 * const second = judgeTeachers(first, { a: 1, b: 0.5 }, { step: 20, rule });
 * if (second.a?.stoppedAfter !== 20 || second.b?.stoppedAfter !== undefined) throw new Error("a stops");
 * ```
 */
export function judgeTeachers(
  state: TeacherStopState,
  losses: { readonly [teacher: string]: number },
  { step, rule }: { readonly step: number; readonly rule: TeacherStopRule },
): TeacherStopState {
  const { patience, minimumImprovement } = rule;
  const next: Record<string, TeacherProgress> = { ...state };
  const counting = Object.keys(losses).filter((name) => state[name]?.stoppedAfter === undefined);
  for (const name of counting) {
    const loss = losses[name]!, before = state[name];
    if (before === undefined && !Number.isFinite(loss)) continue;
    const improves = before === undefined || loss < before.lowest * (1 - minimumImprovement);
    next[name] = improves
      ? { lowest: loss, waited: 0 }
      : { lowest: before.lowest, waited: before.waited + 1 };
  }
  const hardestFirst = counting.toSorted((a, b) => (losses[b] || 0) - (losses[a] || 0));
  const done = hardestFirst.filter((name) => (next[name]?.waited ?? 0) >= patience);
  const stopping = done.length === counting.length ? done.slice(1) : done;
  for (const name of stopping) next[name] = { ...next[name]!, stoppedAfter: step };
  return next;
}

/** Names of the teachers that count no more. */
export function stoppedTeachers(state: TeacherStopState): string[] {
  return Object.keys(state).filter((name) => state[name]!.stoppedAfter !== undefined);
}
