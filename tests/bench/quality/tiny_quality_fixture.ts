import type { QualityRecipe, QualitySet } from "../../../recipes/quality.ts";

const base: QualityRecipe = {
  images: { sources: [{ world: { seed: 3, images: 16 } }], size: 32, augmentation: false },
  teachers: ["specialist_digits"],
  student: { width: 16, depth: 2, heads: 2, patchSize: 16, dropPath: 0 },
  featureCache: true,
  standardizer: { kind: "fixed", batches: 2 },
  optimization: { batchSize: 8, learningRate: 1e-3, warmupSteps: 1 },
  mode: "eager",
};

/** Two rows of a few seconds, on made-up images. */
export const tinyQuality: QualitySet = {
  base,
  baseName: "base",
  options: [
    { name: "base", title: "the base", recipe: (recipe) => recipe },
    {
      name: "one_axis",
      title: "one axis",

      over: "base",
      changes: "targets",
      recipe: (recipe) => ({ ...recipe, standardizer: { ...recipe.standardizer, axes: 1 } }),
    },
  ],
  tasks: ["digits"],
  limit: 40,
  needs: [],
};
