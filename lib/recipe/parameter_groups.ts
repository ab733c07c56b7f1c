/** The groups of parameters that a recipe can treat apart: the backbone, and the heads on it. */
import type { AdamOptions } from "../tensors/adamw.ts";
import type { RecipeOptimization } from "./options.ts";

/** Whether a parameter is the encoder's; all others are of the heads (projectors, classifiers). */
function isBackbone(name: string): boolean {
  return name.startsWith("encoder.");
}

/**
 * AdamW's constants of a recipe, with its groups of parameters. The scheduled learning rate is that of
 * the heads; the backbone has a constant share of it.
 *
 * @example
 * ```ts
 * import { optimizerOf } from "./parameter_groups.ts";
 * import { defineRecipe } from "@hashigo/hashigo";
 * const { optimization } = defineRecipe({
 *   name: "warm",
 *   images: { sources: [{ path: "digits.zip" }], size: 32 },
 *   teachers: ["digits"],
 *   student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
 *   optimization: { batchSize: 64, steps: 9, learningRates: { backbone: 1e-4, heads: 1e-3 } },
 * });
 * const { rates } = optimizerOf(optimization);
 * if (rates?.("encoder.norm.weight") !== 0.1) throw new Error("Expected a tenth for the backbone");
 * ```
 */
export function optimizerOf(
  optimization: RecipeOptimization,
): RecipeOptimization & Pick<AdamOptions, "rates" | "decays"> {
  const { learningRates, decay } = optimization;
  // Absent without groups: an update is then what it always was.
  return {
    ...optimization,
    ...learningRates && {
      rates: (name) => isBackbone(name) ? learningRates.backbone / learningRates.heads : 1,
    },
    ...decay === "heads" && { decays: (name) => !isBackbone(name) },
  };
}
