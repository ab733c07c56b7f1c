/**
 * Your own images: two networks that come with the package, into one small student. No labels are needed.
 *
 * Command: `deno task distill recipes/own_images.ts --set images.sources.0.path=FOLDER_OR_ZIP`
 * Data:    a folder or zip with images, in one subfolder per class or all in one
 * Expect:  4 minutes for 1,000 images on two cores (AMD EPYC, 2026-11-28): 20 passes, of which the first
 *          four also compute the teachers' features
 */
import { defineRecipe } from "@hashigo/hashigo";

export default defineRecipe({
  name: "own_images",
  description:
    "MobileNetV2 of ImageNet and DeepLab v3 into one small transformer, on images of one's own.",
  images: {
    sources: [{ path: "photos" }],
    size: 64,
    // Four views of each image, so that the teachers, half of the work, see each view only once.
    views: 4,
    augmentation: { scale: [0.25, 1], blur: false, solarize: false, grey: 0.1 },
  },
  teachers: [
    { name: "mobilenet_v2_imagenet", inputSize: 96 },
    { name: "deeplab_v3_voc", inputSize: 97 },
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
  ladder: { blocks: [1, 3, 5] },
  featureCache: true,
  // MobileNet's channels that never fire have no deviation in one batch: the statistics begin slowly.
  standardizer: { start: 0.05 },
  optimization: { batchSize: 32, epochs: 20, learningRate: 1e-3 },
  mode: "graph",
});
