import type { Augmentation } from "../../lib/augmentation/augmentation.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";
import { augmentationOf } from "../../lib/training/setup.ts";

/** The reference's augmentation for views of `size` pixels: the default of a recipe. */
export function referenceAugmentation(size: number): Augmentation {
  return augmentationOf(defineRecipe({
    name: "reference",
    images: { sources: [{ path: "images.zip" }], size },
    teachers: ["teacher"],
    student: { width: 1, depth: 1, heads: 1, patchSize: 1 },
    optimization: { batchSize: 2, steps: 1 },
  }));
}
