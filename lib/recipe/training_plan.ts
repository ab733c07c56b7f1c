/** Length of a run, and the numbers that change from step to step. */
import { UserError } from "../errors/user_error.ts";
import type { Recipe, RecipeOptimization } from "./options.ts";
import {
  cosineSchedule,
  scaledLearningRate,
  scheduledValue,
  warmupCosine,
} from "../tensors/schedules.ts";

/** Length and learning rates of one run. */
export interface TrainingPlan {
  /** Updates in the run. */
  readonly steps: number;
  /** Whole batches in one pass over the images; the rest of a pass is left out. */
  readonly stepsPerEpoch: number;
  /** Different views of each image; undefined where every pass draws new ones. */
  readonly views?: number | undefined;
  /** Updates of linear warm-up. */
  readonly warmupSteps: number;
  /** Learning rate at the end of the warm-up; of rates by group, that of the heads. */
  readonly peakLearningRate: number;
  /** Learning rate at the end of the run. */
  readonly minimumLearningRate: number;
}

/**
 * Computes the length and the learning rates of a run. Peak learning rate: the recipe's, or its base rate
 * times `batchSize / 256`; warm-up: the recipe's, or a twentieth of the run (10 of the paper's 200 epochs).
 *
 * @param images Number of images that the run is trained on.
 * @param fitted steps and views of a run with a budget of minutes, which its recipe leaves open; without
 * them it is planned for one pass.
 * @throws {UserError} where the images do not fill one batch, or the warm-up fills the run.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { planTraining } from "./training_plan.ts";
 * const recipe = defineRecipe({
 *   name: "paper",
 *   images: { sources: [{ path: "imagenet", split: "train" }], size: 224 },
 *   teachers: ["dino", "deit3", "ibot", "dbotft"],
 *   student: { width: 768, depth: 12, heads: 12, patchSize: 16 },
 *   optimization: { batchSize: 512, epochs: 200, warmupEpochs: 10 },
 * });
 * const plan = planTraining(recipe, 1_281_167);
 * if (plan.steps !== 500_400 || plan.peakLearningRate !== 6e-4) throw new Error("Not the paper's");
 * ```
 */
export function planTraining(
  recipe: Pick<Recipe, "name" | "optimization" | "images">,
  images: number,
  fitted?: Pick<TrainingPlan, "steps" | "views">,
): TrainingPlan {
  const { optimization, name } = recipe;
  const { batchSize, epochs } = optimization;
  const stepsPerEpoch = Math.floor(images / batchSize);
  if (stepsPerEpoch < 1) {
    throw new UserError(
      `Cannot run recipe "${name}": found ${images} images, expected at least one batch of ` +
        `${batchSize}. Add images or lower optimization.batchSize.`,
    );
  }
  const steps = fitted?.steps ?? optimization.steps ??
    Math.max(1, Math.round((epochs ?? 1) * stepsPerEpoch));
  const warmupSteps = optimization.warmupSteps ??
    (optimization.warmupEpochs === undefined
      ? Math.floor(steps / 20)
      : Math.round(optimization.warmupEpochs * stepsPerEpoch));
  if (warmupSteps >= steps) {
    throw new UserError(
      `Cannot run recipe "${name}": found a warm-up of ${warmupSteps} steps in a run of ${steps}. ` +
        "Expected a shorter warm-up: lower optimization.warmupSteps or warmupEpochs.",
    );
  }
  return {
    steps,
    stepsPerEpoch,
    views: fitted?.views ?? recipe.images.views,
    warmupSteps,
    peakLearningRate: peakLearningRate(optimization),
    minimumLearningRate: optimization.minimumLearningRate,
  };
}

/** The largest learning rate of a run; of `learningRates` the heads'. */
export function peakLearningRate(
  { batchSize, learningRate, learningRates, baseLearningRate = 3e-4 }: RecipeOptimization,
): number {
  return learningRates?.heads ?? learningRate ?? scaledLearningRate(baseLearningRate, batchSize);
}

/** Numbers that depend on the step alone. */
export interface ScheduledNumbers {
  /** Learning rate of the step. */
  readonly learningRate: number;
  /** Weight of its batch in the running statistics. */
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

/** Learning rate of a plan at a step counted from 0: linear warm-up, then cosine. */
export function learningRateAt(plan: TrainingPlan, step: number): number {
  const { steps, warmupSteps, peakLearningRate: peak, minimumLearningRate: minimum } = plan;
  return warmupCosine({ step, steps, warmupSteps, peak, minimum });
}
