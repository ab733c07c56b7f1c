import type { RecipeInput } from "../../lib/recipe/input.ts";

/** A recipe with only what is needed. */
export const minimal = {
  name: "digits",
  images: { sources: [{ path: "digits.zip", split: "train" }], size: 32 },
  teachers: ["digits", { name: "satellite", inputSize: 64 }],
  student: { width: 96, depth: 6, heads: 3, patchSize: 4 },
  optimization: { batchSize: 64, steps: 1000 },
} satisfies RecipeInput;
