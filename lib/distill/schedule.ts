import { cosineSchedule, scheduledValue, warmupCosine } from "../schedules.ts";
import type { Recipe } from "./recipe_types.ts";
import type { TrainingPlan } from "./training_plan.ts";

/** The numbers that follow from the step alone. */
export interface ScheduledNumbers {
  readonly learningRate: number;
  /** Weight of this batch in the running statistics. */
  readonly standardizerWeight: number;
  /** Probability of dropping a teacher. */
  readonly dropProbability: number;
}

/** Evaluates every schedule of a run at a step, counted from 0. */
export function scheduledNumbers(
  recipe: Recipe,
  plan: TrainingPlan,
  step: number,
): ScheduledNumbers {
  const { start, end } = recipe.standardizer;
  return {
    learningRate: learningRateAt(plan, step),
    standardizerWeight: cosineSchedule({ step, steps: plan.steps, start, end }),
    dropProbability: scheduledValue(recipe.balancing.probability, step, plan.steps),
  };
}

/** Linear warm-up, then cosine, of a plan at a step counted from 0. */
export function learningRateAt(plan: TrainingPlan, step: number): number {
  const { steps, warmupSteps, peakLearningRate: peak, minimumLearningRate: minimum } = plan;
  return warmupCosine({ step, steps, warmupSteps, peak, minimum });
}
