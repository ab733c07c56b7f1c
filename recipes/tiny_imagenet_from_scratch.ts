/**
 * The main job without a warm start: complementary pretrained networks, made by others, into a transformer
 * that starts from random weights. It stays behind its teachers; recipes/tiny_imagenet.ts does not.
 *
 * Command: `HASHIGO_DATA=FOLDER deno task distill recipes/tiny_imagenet_from_scratch.ts`
 * Data:    FOLDER holds `tiny-imagenet-200/train.zip` (20,000 images of 64 px, labels unused) and the six
 *          labelled sets `NAME/NAME.zip` (train and test). Their licences forbid shipping them here.
 * Expect:  see data/results/tiny_imagenet_from_scratch.md
 *
 * The statistics of the standardiser begin as a slow average (start 0.05, not 1): the first batch of
 * MobileNet's ReLU6 features has channels that never fire, and dividing by their deviation explodes.
 */
import { defineRecipe } from "@hashigo/hashigo";

const data = Deno.env.get("HASHIGO_DATA") ?? "../shared/data";
const sets = ["cifar10", "eurosat", "dtd10", "scene15", "food10", "clothing10"];

export default defineRecipe({
  name: "tiny_imagenet_from_scratch",
  description: "MobileNetV2 of ImageNet, DeepLab v3 and a CIFAR ResNet into one small transformer.",
  images: {
    sources: [{ path: `${data}/tiny-imagenet-200/train.zip`, split: "train" }],
    size: 64,
    // The teachers are half of a step's time; the features of four views of an image are computed once.
    views: 4,
    augmentation: { scale: [0.25, 1], blur: false, solarize: false, grey: 0.1 },
  },
  teachers: [
    { name: "mobilenet_v2_imagenet", inputSize: 96 },
    { name: "deeplab_v3_voc", inputSize: 97 },
    "resnet56_cifar10",
  ],
  student: {
    width: 192,
    depth: 6,
    heads: 3,
    patchSize: 16,
    stem: "convolution",
    initialization: "scaled",
    dropPath: 0,
  },
  // Half the rungs: within the noise in the paper's table I, and the ladder is most of the step here.
  ladder: { blocks: [1, 3, 5] },
  featureCache: true,
  standardizer: { start: 0.05 },
  optimization: { batchSize: 64, steps: 4000, learningRate: 2e-3 },
  mode: "graph",
  checkpoint: { every: 250 },
  evaluation: {
    tasks: sets.map((set) => `${data}/${set}/${set}.zip`),
    feature: "patch",
    metrics: ["knn", "logistic"],
  },
});
