/**
 * The main job: four complementary networks, made by others, into one student that is better than the best of
 * them. It starts from the weights of EfficientNet-Lite0 and has its size.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task distill recipes/tiny_imagenet.ts`
 * Data:    FOLDER holds `tiny-imagenet-200/train.zip` (20,000 images of 64 px, labels unused) and the six
 *          labelled sets `NAME/NAME.zip` (train and test). Their licences forbid shipping them here.
 * Expect:  25 minutes on two cores, and ten to measure; see data/results/tiny_imagenet.md
 *
 * What does not change is computed once: the teachers' features and the frozen first stages of some views of
 * each image, as many as the teachers can see in half of the minutes. So a step is the late stages and the
 * projectors.
 */
import { defineRecipe, type RecipeInput } from "@hashigo/hashigo";

const data = Deno.env.get("HASHIGO_DATA") ?? "../shared/data";

/** The labelled sets that the student is measured on. */
export const sets = ["cifar10", "eurosat", "dtd10", "scene15", "food10", "clothing10"];

/** Images of everything, none of them of the sets. */
export const generalImages = { path: `${data}/tiny-imagenet-200/train.zip`, split: "train" };

/** The unlabelled train images of the sets: what a company has of its own. */
export const ownImages = sets.map((set) => ({ path: `${data}/${set}/${set}.zip`, split: "train" }));

/** The recipe that the controls vary; each sets its name and seed. */
export const mainJob = {
  images: {
    sources: [generalImages],
    size: 64,
    augmentation: { scale: [0.35, 1], blur: false, solarize: false, grey: 0.1 },
  },
  teachers: [
    { name: "efficientnet_lite0_imagenet", inputSize: 96 },
    { name: "mobilenet_v2_imagenet", inputSize: 96 },
    "resnet56_cifar10",
    { name: "deeplab_v3_voc", inputSize: 97 },
  ],
  student: {
    kind: "efficientnet_lite",
    from: "efficientnet_lite0_imagenet",
    inputSize: 96,
    // Stem and five blocks: half of the arithmetic, and they know edges and textures already.
    freeze: 6,
  },
  ladder: { blocks: [5, 8, 11, 15, 17] },
  featureCache: { tokens: ["cls"] },
  // Channels of ReLU6 that hardly ever fire would be blown up.
  standardizer: { kind: "fixed", batches: 40, leastDeviation: 0.05 },
  // Its source is learnt at once; dropping leaves the weight to the others (`experiments main_job_settings`).
  balancing: { kind: "teacher_drop" },
  optimization: {
    batchSize: 64,
    learningRates: { backbone: 3e-4, heads: 2e-3 },
    decay: "heads",
    weightDecay: 0.02,
    maximumGradientNorm: 3,
    beta2: 0.98,
    warmupSteps: 50,
  },
  budget: { minutes: 25 },
  mode: "graph",
  checkpoint: { every: 250 },
  evaluation: {
    tasks: sets.map((set) => `${data}/${set}/${set}.zip`),
    metrics: ["knn", "logistic"],
    readout: "chosen",
  },
} as const satisfies Omit<RecipeInput, "name" | "seed">;

export default defineRecipe({
  ...mainJob,
  name: "tiny_imagenet",
  description:
    "EfficientNet-Lite0, MobileNetV2, DeepLab v3 and a CIFAR ResNet into a student that starts from the first.",
});
