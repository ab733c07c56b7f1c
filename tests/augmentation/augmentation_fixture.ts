import { type Augmentation, scaledBlur } from "../../lib/augmentation/augmentation.ts";
import { defineRecipe } from "../../lib/recipe/recipe.ts";

const { images: { augmentation } } = defineRecipe({
  name: "reference",
  images: { sources: [{ path: "images" }], size: 224 },
  teachers: ["digits"],
  student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
  optimization: { batchSize: 64, steps: 1 },
});

/** The augmentation of a recipe without options, for views of `size` pixels. */
export function referenceAugmentation(size: number): Augmentation {
  const { blur } = augmentation;
  return { ...augmentation, size, blur: blur === false ? false : scaledBlur(blur, size) };
}
