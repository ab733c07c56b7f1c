/**
 * Teachers that each know one thing of the generated world: a factor of the whole image, from labels,
 * or the parts of its objects, patch by patch. What they know is measured in `training.json` beside each.
 *
 * Command: `deno task specialists world` for all six, `deno task specialists world_shape` for one
 * Expect:  3 to 30 minutes each on two cores; of its own factor, by logistic regression: palette and
 *          background 94 %, count 81 %, texture 74 %, shape 54 %; parts 49 % mIoU
 */
import type { SpecialistRecipe } from "@hashigo/hashigo/experiments";
import type { WorldFactor, WorldFactors } from "@hashigo/hashigo/world";
import { specialistOptimization } from "./specialists.ts";

function teacher(
  subject: WorldFactor | "parts",
  description: string,
  { patchSize = 8, width = 96, easy, images = 16_000, steps }: {
    readonly patchSize?: number;
    readonly width?: number;
    /** Factors of the easier half of the images, which shows what there is to learn. */
    readonly easy?: Partial<WorldFactors>;
    /** Images in all. */
    readonly images?: number;
    readonly steps: number;
  },
): SpecialistRecipe {
  const parts = subject === "parts";
  const all = {
    world: { seed: 1, images: easy ? images / 2 : images, ...parts ? {} : { factor: subject } },
  };
  return {
    name: `world_${subject}`,
    description,
    seed: 0,
    images: {
      sources: easy === undefined ? [all] : [{ world: { ...all.world, fixed: easy } }, all],
      size: 64,
      canvas: 64,
      augmentation: {
        scale: false,
        ratio: false,
        // A mirrored view would teach two patches of three what is not there.
        flip: false,
        jitter: false,
        grey: false,
        blur: false,
        solarize: false,
      },
    },
    lesson: parts ? "parts" : "class",
    network: {
      imageSize: 64,
      patchSize,
      width,
      depth: 4,
      heads: width / 32,
      mlpRatio: 4,
      dropPath: 0,
      stem: "convolution",
      initialization: "scaled",
    },
    optimization: { ...specialistOptimization, steps, learningRate: 1e-3 },
    labelSmoothing: parts ? 0 : 0.1,
  };
}

/** Teachers by their subject. */
export default {
  // The slowest lesson, so the longest. Of plain single objects (chance 12.5 %) 500 steps on 8,000 images taught 33.8 %
  // of the shapes, with mirrored views 30.8, by patches of 8 px in 2.5 times the time 29.0: one seed, 400 images to
  // measure on, AMD EPYC, 2 cores, 2026-11-29.
  world_shape: teacher("shape", "Shapes of the generated world", {
    patchSize: 16,
    easy: { count: 0, texture: 0 },
    images: 32_000,
    steps: 8000,
  }),
  world_texture: teacher("texture", "Textures of the generated world", {
    easy: { count: 0 },
    steps: 2500,
  }),
  world_palette: teacher("palette", "Palettes of the generated world", {
    patchSize: 16,
    width: 64,
    steps: 1200,
  }),
  world_count: teacher("count", "Numbers of objects in the generated world", {
    patchSize: 16,
    steps: 2000,
  }),
  world_background: teacher("background", "Backgrounds of the generated world", {
    patchSize: 16,
    width: 64,
    steps: 1000,
  }),
  world_parts: teacher("parts", "Where bodies, heads and tails are in the generated world", {
    steps: 1500,
  }),
};
