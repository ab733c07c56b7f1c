/** A distillation that is small enough for a notebook. */
import type { Recipe } from "../../recipe/options.ts";
import type { RecipeInput } from "../../recipe/input.ts";
import { defineRecipe } from "../../recipe/recipe.ts";

/**
 * Four teachers of the generated world (its shapes, palettes, backgrounds and parts), 2,048 of its images, and a
 * student of four narrow blocks: a few hundred steps take less than a minute on two cores.
 *
 * @param steps Updates.
 * @param changes Parts of the recipe that are other ones, as in `defineRecipe`.
 *
 * @example
 * ```ts
 * import { notebookRecipe } from "@hashigo/hashigo/notebook";
 * const { teachers, balancing } = notebookRecipe(200, { balancing: { probability: 1 } });
 * if (teachers.length !== 4 || balancing.probability !== 1) throw new Error("Four teachers");
 * ```
 */
export function notebookRecipe(steps: number, changes: Partial<RecipeInput> = {}): Recipe {
  return defineRecipe({
    name: "notebook",
    images: {
      sources: [{ world: { seed: 2, images: 2048 } }],
      size: 64,
      views: 1,
      augmentation: false,
    },
    teachers: ["world_shape", "world_palette", "world_background", "world_parts"],
    student: {
      width: 64,
      depth: 4,
      heads: 2,
      patchSize: 16,
      stem: "convolution",
      initialization: "scaled",
      dropPath: 0,
    },
    featureCache: true,
    optimization: { batchSize: 32, steps, learningRate: 2e-3 },
    mode: "graph",
    ...changes,
  });
}
