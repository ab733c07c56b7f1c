/**
 * Real images and real networks in a few minutes; the experiments on real images vary this recipe. The
 * distillation at full size is recipes/tiny_imagenet.ts.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task distill recipes/real_images.ts`
 * Data:    FOLDER holds `tiny-imagenet-200/train.zip`, of which 4,096 images of 64 px are used, labels unused
 * Expect:  about 3 minutes on two cores; far from the teachers, since so few images are seen
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
    width: 96,
    depth: 4,
    heads: 3,
    patchSize: 16,
    stem: "convolution",
    initialization: "scaled",
    dropPath: 0,
  },
  featureCache: true,
  standardizer: { start: 0.05 },
  optimization: { batchSize: 32, steps: 1024, learningRate: 2e-3 },
  mode: "graph",
  checkpoint: { every: 256, keep: 1 },
} as const satisfies Omit<RecipeInput, "name" | "seed">;

/** Labelled image sets, and one with masks. */
export const realTasks = ["cifar10", "eurosat", "dtd10", "scene15", "pets3_trimaps"] as const;

export default defineRecipe({
  ...realImages,
  name: "real_images",
  description: "MobileNetV2, DeepLab and a CIFAR ResNet into a small student, on few images.",
});
