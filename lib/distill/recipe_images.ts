/** What of a recipe says which images are seen, and how. */
import type { WorldImages } from "../images/world_pack.ts";

/** One place that images come from: files, or the generated world. */
export type RecipeSource = RecipeFiles | RecipeWorld;

/** Images of the generated world, see `drawWorldImage`. */
export interface RecipeWorld {
  /** Which of them. */
  readonly world: WorldImages;
}

/** Image files. */
export interface RecipeFiles {
  /** A folder with one subfolder per class, or a zip of one; relative to the working folder. */
  readonly path: string;
  /** First folder level inside it, such as "train". */
  readonly split?: string;
  /** Use only so many images, spread evenly over the classes. Default: all. */
  readonly limit?: number;
}

/**
 * Random views, in the order of the reference (paper appendix A): crop, flip, jitter, grey, blur,
 * solarise. `false` switches one off; without `scale` the whole image is resized.
 */
export interface RecipeAugmentation {
  /** Share of the image's area that a crop covers. Default [0.08, 1]. */
  readonly scale: readonly [number, number] | false;
  /** Width over height of a crop. Default [3/4, 4/3]. */
  readonly ratio: readonly [number, number] | false;
  /** Probability of a horizontal flip. Default 0.5. */
  readonly flip: number | false;
  /** Colour jitter. Default 0.8, 0.4, 0.4, 0.2, 0.1. */
  readonly jitter: {
    readonly probability: number;
    readonly brightness: number;
    readonly contrast: number;
    readonly saturation: number;
    readonly hue: number;
  } | false;
  /** Probability of losing all colour. Default 0.2. */
  readonly grey: number | false;
  /** Gaussian blur: kernel in pixels, sigma drawn uniformly. Default 0.2, 9, [0.1, 5]. */
  readonly blur: {
    readonly probability: number;
    readonly kernel: number;
    readonly sigma: readonly [number, number];
  } | false;
  /** Inversion of the values above a threshold in [0, 1]. Default 0.2, 0.5. */
  readonly solarize: { readonly probability: number; readonly threshold: number } | false;
}

/** What the student sees. */
export interface RecipeImages {
  /** Joined in this order; labels are not looked at. */
  readonly sources: readonly RecipeSource[];
  /** Side of the student's input in pixels. */
  readonly size: number;
  /** Side in pixels at which images are kept; crops are cut from it. Default: `size`. */
  readonly canvas: number;
  /** How views are drawn. */
  readonly augmentation: RecipeAugmentation;
  /** After so many passes the same views come back. Default: every pass draws new ones. */
  readonly views?: number;
  /**
   * Share of the images of each source that may be unreadable; each is replaced by the whole one
   * before it, told, and counted in `result.json`. Default 0.01.
   */
  readonly quarantine?: number;
}

/** Options of {@linkcode RecipeAugmentation}, each of them optional down to the last. */
export type RecipeAugmentationInput = {
  readonly [K in keyof RecipeAugmentation]?:
    | (RecipeAugmentation[K] extends readonly unknown[] | number | false ? never
      : Partial<Exclude<RecipeAugmentation[K], false>>)
    | RecipeAugmentation[K];
};
