/** The recipe by which a pruned student is distilled again. */
import { type EncoderConfig, encoderStages, isTransformer } from "../nn/encoder.ts";
import type { Recipe, RecipeOptimization } from "../recipe/options.ts";
import { peakLearningRate } from "../recipe/training_plan.ts";
import type { RunPlan } from "../runs/run_plan.ts";

/** What the recipe is made for. */
export interface Recovery {
  /** Name of the run. */
  readonly name: string;
  /** File of the pruned student. */
  readonly from: string;
  /** File of the student before it was pruned. */
  readonly before: string;
  /** Shape of the pruned one. */
  readonly config: EncoderConfig;
  readonly minutes: number;
  /** How the run whose student was pruned was planned, where it had a budget. */
  readonly plan: RunPlan | undefined;
}

/** Steps of warm-up at most, of a run that is short. */
const mostWarmup = 50;

/** How many times slower projectors learn than the backbone: the features themselves are to change. */
const slower = 100;

/** What the student is called as a teacher of the pruned one. */
const beforePruning = "before_pruning";

/**
 * The recipe of the run whose student was pruned, with the pruned one as its start and so many minutes: the same
 * images and views. Its only teacher is the student before pruning, which has learnt from all of them: the pruned one
 * has nearly its features, and predicts them by itself: by its last stage alone, whose projector stays all but the
 * identity, since other rungs would make up for what its features lack. No stage is frozen, since all were pruned.
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
 * const files = { from: "pruned.safetensors", before: "student.safetensors" };
 * const own = { name: "again", ...files, config, plan: undefined };
 * const { budget, student: again } = recoveryRecipe(recipe, { ...own, minutes: 5 });
 * if (budget?.minutes !== 5 || again.hiddenWidths?.[1] !== 160) throw new Error();
 * ```
 */
export function recoveryRecipe(
  recipe: Recipe,
  { name, from, before, config, minutes, plan }: Recovery,
): Recipe {
  const { steps: _steps, epochs: _epochs, warmupEpochs: _warmup, ...optimization } =
    recipe.optimization;
  const { warmupSteps = mostWarmup } = optimization;
  const { source: _source, freeze: _freeze, ...student } = recipe.student;
  // Projectors of other teachers.
  const { from: _from, ...ladder } = recipe.ladder;
  const isSource = ladder.kind === "ladder";
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
    teachers: [{ name: beforePruning, checkpoint: `student:${before}` }],
    student: {
      ...student,
      // Other projectors have no stage to add to.
      ...{ from, ...isSource && { source: beforePruning } },
      ...hiddenWidths && { hiddenWidths },
      ...headCounts && { headCounts },
      ...queryWidths && { queryWidths },
    } as Recipe["student"],
    ladder: isSource ? { ...ladder, blocks: [encoderStages(config).length - 1] } : ladder,
    balancing: alone(recipe.balancing),
    optimization: {
      ...isSource ? hardlyMoving(optimization) : optimization,
      warmupSteps: Math.min(warmupSteps, mostWarmup),
    },
    budget: { minutes, teacherShare: recipe.budget?.teacherShare ?? 0.5 },
    featureCache: recipe.featureCache === false ? true : recipe.featureCache,
  };
}

/** Of what is trained, the projectors hardly at all; the backbone as before, or as they were where it was frozen. */
function hardlyMoving(optimization: RecipeOptimization): RecipeOptimization {
  const { learningRate: _own, baseLearningRate: _base, learningRates, ...others } = optimization;
  const peak = peakLearningRate(optimization), backbone = learningRates?.backbone || peak;
  const heads = backbone / slower;
  return {
    ...others,
    learningRates: { backbone, heads },
    minimumLearningRate: heads * others.minimumLearningRate / peak,
  };
}

/** One teacher is neither dropped nor stopped. */
function alone({ stop: _stop, ...balancing }: Recipe["balancing"]): Recipe["balancing"] {
  return { ...balancing, kind: "none" };
}
