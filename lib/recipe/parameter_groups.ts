/** The groups of parameters that a recipe can treat apart: the backbone, the heads on it, and what is frozen. */
import type { AdamOptions } from "../tensors/adamw.ts";
import type { Recipe, RecipeOptimization } from "./options.ts";

/** Whether a parameter is the encoder's; all others are of the heads (projectors, classifiers). */
function isBackbone(name: string): boolean {
  return name.startsWith("encoder.");
}

/** Whether a parameter is never trained: of the frozen stages, or statistics of the ladder's inputs. */
export function isFrozen(name: string, freeze: number): boolean {
  if (/^ladder\.[^.]+\.inputs\./.test(name)) return true;
  const [, stage] = /^encoder\.(?:stages|blocks)\.(\d+)\./.exec(name) ?? [];
  if (stage !== undefined) return Number(stage) < freeze;
  // What comes before a transformer's first block is frozen with it; its last norm is not.
  return freeze > 0 && isBackbone(name) && !name.startsWith("encoder.norm.");
}

/**
 * AdamW's constants of a recipe, with its groups of parameters. The scheduled learning rate is that of
 * the heads; the backbone has a constant share of it, and what is frozen none.
 *
 * @example
 * ```ts
 * import { optimizerOf } from "./parameter_groups.ts";
 * import { defineRecipe } from "@hashigo/hashigo";
 * const recipe = defineRecipe({
 *   name: "warm",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 9, learningRates: { backbone: 1e-4, heads: 1e-3 } },
 * });
 * const { rates } = optimizerOf(recipe);
 * if (rates?.("encoder.norm.weight") !== 0.1) throw new Error("Expected a tenth for the backbone");
 * ```
 */
export function optimizerOf(
  { optimization, student }: {
    readonly optimization: RecipeOptimization;
    readonly student?: Pick<Recipe["student"], "freeze">;
  },
): RecipeOptimization & Required<Pick<AdamOptions, "rates">> & Pick<AdamOptions, "decays"> {
  const { learningRates, decay } = optimization, { freeze = 0 } = student ?? {};
  const backbone = learningRates === undefined ? 1 : learningRates.backbone / learningRates.heads;
  return {
    ...optimization,
    rates: (name) => isFrozen(name, freeze) ? 0 : isBackbone(name) ? backbone : 1,
    // Absent where all decay.
    ...decay === "heads" && { decays: (name) => !isBackbone(name) },
  };
}
