/**
 * Which updates may happen: never one from a loss or a gradient that is not finite, nor from a loss
 * that leaps above those before it. Pure: the state goes in and out, and travels with checkpoints.
 *
 * @module
 */
import { z } from "zod";
import type { GuardSettings } from "../../recipe/options.ts";

/** State of a guard, which travels with checkpoints. */
export type GuardState = {
  /** Updates done, for Adam's bias correction: steps without those that changed nothing. */
  readonly updates: number;
  /** Incidents so far. */
  readonly incidents: number;
  /** The last losses that led to updates, oldest first. */
  readonly losses: readonly number[];
};

const guardStateSchema: z.ZodType<GuardState> = z.object({
  updates: z.int().min(0),
  incidents: z.int().min(0),
  losses: z.array(z.number()).max(1000),
});

/** Why an update may not happen. */
export type Anomaly =
  | { readonly kind: "not finite" }
  | {
    readonly kind: "spike";
    /** Of the losses before. */
    readonly median: number;
    /** How many losses the median is taken of. */
    readonly losses: number;
  };

/** Decision over a step, and the state of the guard after it. */
export type GuardDecision =
  | { readonly action: "update"; readonly state: GuardState }
  | {
    readonly action: GuardSettings["policy"];
    readonly anomaly: Anomaly;
    readonly state: GuardState;
  };

/** Most losses that the median is taken of, and fewest. */
const longest = 100, fewest = 20;

/** A guard before the first step. */
export const freshGuard: GuardState = { updates: 0, incidents: 0, losses: [] };

/**
 * Judges a step by its loss and the norm of its gradient.
 *
 * @returns the action; an incident beyond the budget is always `"stop"`
 *
 * @example
 * ```ts
 * import { freshGuard, judgeStep } from "./policy.ts";
 * const settings = { policy: "skip", budget: 1, spike: false } as const;
 * const first = judgeStep(freshGuard, { loss: NaN, gradientNorm: 1 }, settings);
 * const second = judgeStep(first.state, { loss: 1, gradientNorm: Infinity }, settings);
 * if (first.action !== "skip" || second.action !== "stop") throw new Error("The budget is one");
 * ```
 */
export function judgeStep(
  state: GuardState,
  { loss, gradientNorm }: { readonly loss: number; readonly gradientNorm: number },
  { policy, budget, spike }: GuardSettings,
): GuardDecision {
  const anomaly = anomalyOf(state.losses, { loss, gradientNorm, spike });
  if (anomaly === undefined) {
    const losses = [...state.losses, loss].slice(-longest);
    return { action: "update", state: { ...state, updates: state.updates + 1, losses } };
  }
  const incidents = state.incidents + 1;
  const action = incidents > budget ? "stop" : policy;
  return { action, anomaly, state: { ...state, incidents } };
}

function anomalyOf(
  losses: readonly number[],
  { loss, gradientNorm, spike }: {
    readonly loss: number;
    readonly gradientNorm: number;
    readonly spike: GuardSettings["spike"];
  },
): Anomaly | undefined {
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) return { kind: "not finite" };
  if (spike === false || losses.length < fewest) return undefined;
  const median = losses.toSorted((a, b) => a - b)[losses.length >> 1] ?? NaN;
  return loss > spike * median ? { kind: "spike", median, losses: losses.length } : undefined;
}

/**
 * The state of the guard in a checkpoint; a checkpoint without one had an update every step.
 *
 * @param progress of the checkpoint's `meta.json`
 */
export function storedGuard(progress: unknown, step: number): GuardState {
  const stored = z.object({ guard: guardStateSchema }).safeParse(progress);
  return stored.data?.guard ?? { ...freshGuard, updates: step };
}
