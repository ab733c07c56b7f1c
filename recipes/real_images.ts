/**
 * Real images and real networks in two minutes; the experiments on real images vary this recipe. The student
 * starts from a network that is none of its teachers, so that no set of teachers is at an advantage. The
 * distillation at full size is recipes/tiny_imagenet.ts.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task distill recipes/real_images.ts`
 * Data:    FOLDER holds `tiny-imagenet-200/train.zip`, of which 4,096 images of 64 px are used, labels unused
 * Expect:  about 2 minutes on two cores
 */
import { defineRecipe, type RecipeInput } from "@hashigo/hashigo";

const data = Deno.env.get("HASHIGO_DATA") ?? "../shared/data";

/** The recipe that the experiments vary; each sets name and seed. */
export const realImages = {
  images: {
    sources: [{ path: `${data}/tiny-imagenet-200/train.zip`, split: "train", limit: 4096 }],
    size: 64,
    // With one view the features of the teachers, most of the work, are computed once for all runs.
    views: 1,
    augmentation: false,
  },
  teachers: [
    { name: "mobilenet_v2_imagenet", inputSize: 96 },
    { name: "deeplab_v3_voc", inputSize: 97 },
    "resnet56_cifar10",
  ],
  student: {
    kind: "efficientnet_lite",
    from: "efficientnet_lite0_imagenet",
    inputSize: 64,
    freeze: 6,
  },
  ladder: { blocks: [5, 8, 11, 15, 17] },
  featureCache: true,
  // Channels of ReLU6 that hardly ever fire would be blown up.
  standardizer: { start: 0.05, leastDeviation: 0.05 },
  optimization: {
    batchSize: 32,
    steps: 384,
    learningRates: { backbone: 3e-4, heads: 2e-3 },
    decay: "heads",
    maximumGradientNorm: 3,
  },
  mode: "graph",
  checkpoint: { every: 192, keep: 1 },
} as const satisfies Omit<RecipeInput, "name" | "seed">;

/** Every row is run with the first five, and claims that are undecided then with the others. */
export const realSeeds = { seeds: [0, 1, 2, 3, 4, 5, 6, 7], enoughSeeds: 5 } as const;

/** Labelled image sets, and one with masks. */
export const realTasks = ["cifar10", "eurosat", "dtd10", "scene15", "pets3_trimaps"] as const;

export default defineRecipe({
  ...realImages,
  name: "real_images",
  description:
    "MobileNetV2, DeepLab and a CIFAR ResNet into a student that starts from EfficientNet-Lite0, on few images.",
});
