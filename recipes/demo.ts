/**
 * Four specialists distilled into one model, without labels.
 *
 * Command: `deno task demo`
 * Expect:  4 minutes of training and 1.5 of measuring on two cores, 0.3 GB of features in the cache
 *          folder; scores in data/results/demo.md
 */
import { defineRecipe } from "@hashigo/hashigo";

const kinds = ["digits", "land_use", "chest_xray", "characters"];

/**
 * Images of each kind. The sets differ in size and difficulty: land use, the hardest to learn, is taken
 * whole (1,800 images); of the others fewer are enough.
 */
const limits: { readonly [kind: string]: number } = {
  digits: 700,
  chest_xray: 200,
  characters: 500,
};

export default defineRecipe({
  name: "demo",
  description: "Four specialists, each good at one kind of image, distilled without labels into " +
    "one student of the size of one of them.",
  images: {
    sources: kinds.map((kind) => ({
      path: `data/images/${kind}.zip`,
      split: "train",
      limit: limits[kind],
    })),
    size: 32,
    // Each teacher computes the features of four views of an image once, instead of one in every epoch.
    views: 4,
    augmentation: {
      scale: [0.5, 1],
      flip: false,
      jitter: { brightness: 0.3, contrast: 0.3, saturation: 0.1, hue: 0.02 },
      grey: false,
      blur: false,
      solarize: false,
    },
  },
  teachers: kinds.map((kind) => `specialist_${kind}`),
  student: {
    width: 128,
    depth: 6,
    heads: 4,
    patchSize: 8,
    stem: "convolution",
    initialization: "scaled",
    dropPath: 0,
  },
  // Half the rungs, half as wide: within the noise in the paper's table I, and in full the ladder is half
  // of a step here.
  ladder: { blocks: [1, 3, 5], lastHidden: 256 },
  featureCache: true,
  optimization: { batchSize: 64, steps: 1450, learningRate: 2e-3 },
  mode: "graph",
  checkpoint: { every: 200 },
  evaluation: { tasks: kinds },
});
