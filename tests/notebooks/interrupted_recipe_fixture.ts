import { defineRecipe } from "../../lib/recipe/recipe.ts";

/** Long enough to be interrupted. */
export const recipe = defineRecipe({
  name: "interrupted",
  images: { sources: [{ world: { seed: 3, images: 64 } }], size: 64, augmentation: false },
  teachers: ["world_palette"],
  student: { width: 32, depth: 2, heads: 2, patchSize: 16, dropPath: 0 },
  optimization: { batchSize: 8, steps: 100_000, learningRate: 1e-3 },
  mode: "graph",
});
