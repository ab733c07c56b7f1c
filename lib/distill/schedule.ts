import { cosineSchedule, warmupCosine } from "../schedules.ts";
import type { Recipe } from "./recipe_types.ts";
import type { TrainingPlan } from "./training_plan.ts";

/** The numbers that follow from the step alone. */
export interface ScheduledNumbers {
  readonly learningRate: number;
  /** Weight of this batch in the running statistics. */
  readonly standardizerWeight: number;
  /** 1-based number of the update. */
  readonly update: number;
}

/** Evaluates every schedule of a run at a step, counted from 0. */
export function scheduledNumbers(
  recipe: Recipe,
  plan: TrainingPlan,
  step: number,
): ScheduledNumbers {
  const { steps, warmupSteps, peakLearningRate, minimumLearningRate } = plan;
  return {
    learningRate: warmupCosine({
      step,
      steps,
      warmupSteps,
      peak: peakLearningRate,
      minimum: minimumLearningRate,
    }),
    standardizerWeight: cosineSchedule({ step, steps, ...recipe.standardizer }),
    update: step + 1,
  };
}
