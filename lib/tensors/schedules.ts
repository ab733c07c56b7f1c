/**
 * Cosine from `start`, at step 0, to `end`, at step `steps`.
 *
 * @example
 * ```ts
 * import { cosineSchedule } from "@hashigo/hashigo/tensors";
 * const half = cosineSchedule({ step: 50, steps: 100, start: 1, end: 0 });
 * if (Math.abs(half - 0.5) > 1e-12) throw new Error("Expected half-way");
 * ```
 */
export function cosineSchedule(options: {
  readonly step: number;
  readonly steps: number;
  readonly start: number;
  readonly end: number;
}): number {
  const { step, steps, start, end } = options;
  return end + 0.5 * (start - end) * (1 + Math.cos(Math.PI * step / steps));
}

/**
 * The learning rate at a step, counted from 0: linear from 0 to `peak` over `warmupSteps`, then cosine
 * towards `minimum` over the rest. The peak is reached by the last step of the first part and again by
 * the first of the second.
 *
 * @source UNIC appendix A.
 *
 * @example
 * ```ts
 * import { warmupCosine } from "@hashigo/hashigo/tensors";
 * const schedule = { steps: 500_400, warmupSteps: 25_020, peak: 6e-4, minimum: 1e-6 };
 * if (warmupCosine({ step: 25_019, ...schedule }) !== 6e-4) throw new Error("Expected the peak");
 * ```
 */
export function warmupCosine(options: {
  readonly step: number;
  readonly steps: number;
  readonly warmupSteps: number;
  readonly peak: number;
  readonly minimum: number;
}): number {
  const { step, steps, warmupSteps, peak, minimum } = options;
  if (step < warmupSteps) return warmupSteps === 1 ? 0 : peak * step / (warmupSteps - 1);
  return cosineSchedule({
    step: step - warmupSteps,
    steps: steps - warmupSteps,
    start: peak,
    end: minimum,
  });
}

/**
 * The peak learning rate of a batch: `base` for 256 images, in proportion for others.
 *
 * @source UNIC, reference defaults: 3e-4 for 256, hence 6e-4 for the paper's 512.
 *
 * @example
 * ```ts
 * import { scaledLearningRate } from "./schedules.ts";
 * if (scaledLearningRate(3e-4, 512) !== 6e-4) throw new Error("Expected twice the base");
 * ```
 */
export function scaledLearningRate(base: number, batch: number): number {
  return base * batch / 256;
}

/** A number, or one that changes over a run; the cosine is flat at both ends. */
export type Schedule = number | {
  /** At the first step. */
  readonly start: number;
  /** After the last step. */
  readonly end: number;
  /** Shape of the way. */
  readonly curve: "linear" | "cosine";
};

/**
 * A schedule at a step, counted from 0 over a run of `steps`.
 *
 * @example
 * ```ts
 * import { scheduledValue } from "@hashigo/hashigo/tensors";
 * const halfway = scheduledValue({ start: 0, end: 0.5, curve: "linear" }, 50, 100);
 * if (halfway !== 0.25 || scheduledValue(0.5, 50, 100) !== 0.5) throw new Error("Expected half");
 * ```
 */
export function scheduledValue(schedule: Schedule, step: number, steps: number): number {
  if (typeof schedule === "number") return schedule;
  const { start, end, curve } = schedule;
  return curve === "cosine"
    ? cosineSchedule({ step, steps, start, end })
    : start + (end - start) * step / steps;
}
