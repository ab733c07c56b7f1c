/** The recipe of a specialist: a vision transformer that is trained from labels. */
import type { VisionTransformerConfig } from "../../nn/vision_transformer.ts";
import type { RecipeOptimization } from "../../recipe/options.ts";
import type { RecipeImages } from "../../recipe/image_options.ts";

/** How one specialist is trained. */
export interface SpecialistRecipe {
  /** Name in the zoo. */
  readonly name: string;
  /** Description of its training, for the zoo. */
  readonly description: string;
  /** Root of all randomness. */
  readonly seed: number;
  /** Labelled images. */
  readonly images: RecipeImages;
  /**
   * The targets: "class" (default), the class of an image, by CLS and by the mean of the patches; or
   * "parts", on images of the world and without augmentation: which share of every patch is which part
   * of an object, and CLS those of the whole image.
   */
  readonly lesson?: "class" | "parts" | undefined;
  /** The network to train. */
  readonly network: VisionTransformerConfig;
  /** AdamW and its schedule. */
  readonly optimization: RecipeOptimization;
  /** Part of each label that is spread over all classes. */
  readonly labelSmoothing: number;
}
