/**
 * The generated world, small enough to try an idea on: four teachers that each know one thing of it, into
 * one student. The experiments of the paper are variations of this recipe, see recipes/experiments.
 *
 * Command: `deno task distill recipes/world.ts`
 * Expect:  about a minute on two cores; the student knows what each of its teachers knows
 */
import { defineRecipe, type RecipeInput } from "@hashigo/hashigo";

/** The recipe that the experiments vary; each sets name and seed. */
export const world = {
  images: {
    // More images cost nothing, so one view of each is enough: features are computed once.
    sources: [{ world: { seed: 2, images: 8192 } }],
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
  optimization: { batchSize: 32, steps: 640, learningRate: 2e-3 },
  mode: "graph",
  checkpoint: { every: 256, keep: 1 },
} as const satisfies Omit<RecipeInput, "name" | "seed">;

/** Every row is run with the first three, and claims that are undecided then with the others. */
export const worldSeeds = { seeds: [0, 1, 2, 3, 4, 5, 6, 7], enoughSeeds: 3 } as const;

/** Every factor by logistic regression on CLS, parts and depth by linear heads on the patches. */
export const worldTasks = [
  "world_shape",
  "world_texture",
  "world_palette",
  "world_count",
  "world_background",
  "world_parts",
  "world_depth",
] as const;

export default defineRecipe({
  ...world,
  name: "world",
  description: "Four specialists of a generated world into one small transformer.",
  evaluation: { tasks: worldTasks, metrics: ["knn", "logistic"] },
});
