/**
 * The four specialists of the demo: one small vision transformer per kind of image, from labels.
 *
 * Command: `deno task specialists` for all four, `deno task specialists digits` for one
 * Expect:  about 5 minutes each on two cores; scores in `training.json` beside each network
 */
import type { SpecialistRecipe } from "@hashigo/hashigo/experiments";

/** Training from labels: AdamW as every specialist has it. */
export const specialistOptimization = {
  batchSize: 64,
  minimumLearningRate: 1e-6,
  weightDecay: 0.05,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
} as const;

const network = {
  imageSize: 32,
  patchSize: 8,
  width: 128,
  depth: 6,
  heads: 4,
  mlpRatio: 4,
  dropPath: 0,
  stem: "convolution",
  initialization: "scaled",
} as const;

function specialist(
  kind: string,
  description: string,
  options: {
    readonly steps: number;
    readonly flip?: number;
    readonly smallestCrop?: number;
    /** Strength of colour jitter, 0 to 1. */
    readonly jitter?: number;
  },
): SpecialistRecipe {
  const { steps, flip = false, smallestCrop = 0.6, jitter = 0.3 } = options;
  return {
    name: `specialist_${kind}`,
    description,
    seed: 0,
    images: {
      sources: [{ path: `data/images/${kind}.zip`, split: "train" }],
      size: 32,
      canvas: 32,
      augmentation: {
        scale: [smallestCrop, 1],
        ratio: [3 / 4, 4 / 3],
        flip,
        jitter: {
          probability: 0.8,
          brightness: jitter,
          contrast: jitter,
          saturation: 0.1,
          hue: 0.02,
        },
        grey: false,
        blur: false,
        solarize: false,
      },
    },
    network,
    optimization: { ...specialistOptimization, steps, learningRate: 2e-3 },
    labelSmoothing: 0.1,
  };
}

/** Specialists by the images that they classify. */
export default {
  digits: specialist("digits", "Handwritten digits (MNIST)", { steps: 1000 }),
  land_use: specialist("land_use", "Land use seen by satellite (EuroSAT)", {
    steps: 1600,
    flip: 0.5,
    smallestCrop: 0.4,
  }),
  chest_xray: specialist("chest_xray", "Pneumonia in chest X-rays (PneumoniaMNIST)", {
    steps: 600,
    flip: 0.5,
  }),
  characters: specialist("characters", "Handwritten characters of eight alphabets (Omniglot)", {
    steps: 2500,
    smallestCrop: 0.7,
    jitter: 0.1,
  }),
};
