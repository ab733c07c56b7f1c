/**
 * The student of the experiments on real images: EfficientNet-Lite0, from its published weights, whose first
 * six stages stay as they are. What these give and what the teachers give of the one view of each image is
 * computed once for all runs, so that a run is a few minutes of the late stages and the projectors.
 */
import type { RecipeInput } from "@hashigo/hashigo";
import { realImages } from "../real_images.ts";

/**
 * The recipe that the experiments vary; each sets name and seed. The source of the student is not among its
 * teachers: its own projector would begin as the identity with a ladder only, and rows would differ in more than
 * they say.
 */
export const realStudent = {
  images: realImages.images,
  teachers: realImages.teachers,
  student: {
    kind: "efficientnet_lite",
    from: "efficientnet_lite0_imagenet",
    inputSize: 96,
    freeze: 6,
  },
  ladder: { blocks: [8, 11, 17] },
  featureCache: true,
  standardizer: realImages.standardizer,
  optimization: {
    batchSize: 32,
    steps: 512,
    learningRates: { backbone: 3e-4, heads: 2e-3 },
    decay: "heads",
    maximumGradientNorm: 3,
  },
  mode: "graph",
  checkpoint: { every: 128, keep: 1 },
} as const satisfies Omit<RecipeInput, "name" | "seed">;

/** Every row is run with the first five, and claims that are undecided then with the others. */
export const realSeeds = { seeds: [0, 1, 2, 3, 4, 5, 6, 7], enoughSeeds: 5 } as const;
