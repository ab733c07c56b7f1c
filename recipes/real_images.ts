/**
 * Real images and real networks in a few minutes: the main job in small, which the experiments on real images
 * vary. The distillation at full size is recipes/tiny_imagenet.ts.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task distill recipes/real_images.ts`
 * Data:    FOLDER holds `tiny-imagenet-200/train.zip`, of which 4,096 images of 64 px are used, labels unused
 * Expect:  about 2 minutes on two cores, and as long to ask the teachers the first time
 */
import { defineRecipe, type RecipeInput } from "@hashigo/hashigo";
import { generalImages, mainJob } from "./tiny_imagenet.ts";

/** The recipe that the experiments vary; each sets name and seed. */
export const realImages = {
  images: {
    sources: [{ ...generalImages, limit: 4096 }],
    size: 64,
    // With one view the features of the teachers, most of the work, are computed once for all runs.
    views: 1,
    augmentation: false,
  },
  teachers: mainJob.teachers,
  // Its teachers see 96 px.
  student: { ...mainJob.student, inputSize: 64 },
  // Projectors of earlier blocks see four times as many places, and would cost more than all others together.
  ladder: { blocks: [9, 13, 17] },
  featureCache: true,
  standardizer: mainJob.standardizer,
  balancing: mainJob.balancing,
  optimization: { ...mainJob.optimization, batchSize: 32, steps: 384 },
  mode: "graph",
  checkpoint: { every: 128, keep: 1 },
} as const satisfies Omit<RecipeInput, "name" | "seed">;

/** Labelled image sets, and one with masks. */
export const realTasks = ["cifar10", "eurosat", "dtd10", "scene15", "pets3_trimaps"] as const;

export default defineRecipe({
  ...realImages,
  name: "real_images",
  description: "Four networks into a student that starts from one of them, on few images.",
});
