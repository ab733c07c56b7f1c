/** The recipe by which a pruned student is distilled again. */
import type { EncoderConfig } from "../nn/encoder.ts";
import { isTransformer } from "../nn/encoder.ts";
import type { Recipe } from "../recipe/options.ts";
import type { RunPlan } from "../runs/run_plan.ts";

/** What the recipe is made for. */
export interface Recovery {
  /** Name of the run. */
  readonly name: string;
  /** File of the pruned student. */
  readonly from: string;
  /** Its shape. */
  readonly config: EncoderConfig;
  readonly minutes: number;
  /** How the run whose student was pruned was planned, where it had a budget. */
  readonly plan: RunPlan | undefined;
}

/** Steps of warm-up at most, of a run that is short. */
const mostWarmup = 50;

/**
 * The recipe of the run whose student was pruned, with the pruned one as its start and so many minutes: the same
 * images, teachers and views, so that the teachers' features are found in the cache.
 *
 * @example
 * ```ts
 * import { defineRecipe } from "@hashigo/hashigo";
 * import { recoveryRecipe } from "./recovery_recipe.ts";
 * const student = { width: 96, depth: 2, heads: 3, patchSize: 4 } as const;
 * const recipe = defineRecipe({
 *   name: "digits",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student,
 *   optimization: { batchSize: 64, steps: 1000 },
 * });
 * const config = { imageSize: 32, ...student, hiddenWidths: [192, 160] };
 * const own = { name: "again", from: "pruned.safetensors", config, minutes: 5, plan: undefined };
 * const { budget, student: again } = recoveryRecipe(recipe, own);
 * if (budget?.minutes !== 5 || again.hiddenWidths?.[1] !== 160) throw new Error();
 * ```
 */
export function recoveryRecipe(
  recipe: Recipe,
  { name, from, config, minutes, plan }: Recovery,
): Recipe {
  const { steps: _steps, epochs: _epochs, warmupEpochs: _warmup, ...optimization } =
    recipe.optimization;
  const { warmupSteps = mostWarmup } = optimization;
  const views = plan?.views ?? recipe.images.views;
  const { hiddenWidths, headCounts, queryWidths } = {
    headCounts: undefined,
    queryWidths: undefined,
    ...(isTransformer(config) ? config : { hiddenWidths: config.hiddenWidths }),
  };
  return {
    ...recipe,
    name,
    description: `The student of ${recipe.name} after it was pruned.`,
    images: { ...recipe.images, ...views !== undefined && { views } },
    student: {
      ...recipe.student,
      from,
      ...hiddenWidths && { hiddenWidths },
      ...headCounts && { headCounts },
      ...queryWidths && { queryWidths },
    } as Recipe["student"],
    optimization: { ...optimization, warmupSteps: Math.min(warmupSteps, mostWarmup) },
    budget: { minutes, teacherShare: recipe.budget?.teacherShare ?? 0.5 },
    featureCache: recipe.featureCache === false ? true : recipe.featureCache,
  };
}
