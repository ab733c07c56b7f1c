/** Options of a recipe for the images that the student is trained on. */
import type { Augmentation } from "../augmentation/augmentation.ts";
import type { WorldImages } from "../world/pack.ts";

/** One place that images come from: files, the generated world, or another run. */
export type RecipeSource = RecipeFiles | RecipeWorld | RecipeRehearsal;

/**
 * Images that another run was trained on. They are seen in that run's views, so that the features of teachers that
 * both runs have come from its feature cache, as far as it still holds them.
 */
export interface RecipeRehearsal {
  /** Folder of the run; relative to the working folder. */
  readonly run: string;
  /** Number of its images, drawn by the seed. Default: all. */
  readonly images?: number | undefined;
  /** Not of these: each is seen once in a pass. */
  readonly repeat?: undefined;
}

/** Images of the generated world. */
export interface RecipeWorld {
  /** Which of its images. */
  readonly world: WorldImages;
  /** How often each of them is seen in a pass, as of {@linkcode RecipeFiles}. Default: once. */
  readonly repeat?: number | undefined;
}

/** Image files. */
export interface RecipeFiles {
  /** A folder with one subfolder per class, or a zip of one; relative to the working folder. */
  readonly path: string;
  /** First folder level inside `path`, such as "train". Default: none. */
  readonly split?: string | undefined;
  /** Number of images that are used, spread evenly over the classes. Default: all. */
  readonly limit?: number | undefined;
  /**
   * How often each of them is seen in a pass, in different views: few images of one's own may weigh as
   * much as many general ones. Default: once.
   */
  readonly repeat?: number | undefined;
}

/** Which images of its sources a run sees. */
export interface RecipeSubset {
  /** Number of images. */
  readonly images: number;
  /**
   * "random": drawn by the seed; "balanced": as many of each cluster of the first teacher's features, as
   * far as it has them, and random within the cluster. Default "random".
   */
  readonly choice: "random" | "balanced";
  /** Clusters of the "balanced" choice. Default 50. */
  readonly clusters: number;
}

/**
 * Random views, in the order of the reference (paper appendix A). A recipe's blur is meant for views of
 * 224 pixels, and is scaled to the size of the student's input.
 */
export type RecipeAugmentation = Omit<Augmentation, "size">;

/** What the student sees. */
export interface RecipeImages {
  /** Joined in this order; labels are ignored. */
  readonly sources: readonly RecipeSource[];
  /** Side of the student's input in pixels. */
  readonly size: number;
  /** Side in pixels at which images are stored; crops are cut from it. Default: `size`. */
  readonly canvas: number;
  /** How views are drawn. */
  readonly augmentation: RecipeAugmentation;
  /** Views of each image; later passes repeat them. Default: every pass draws new ones. */
  readonly views?: number;
  /** Which of the images are seen. Default: all. */
  readonly subset?: RecipeSubset;
  /**
   * Share of the images of each source that may be unreadable, at least 0 and below 1. Each is
   * replaced by the readable one before it, reported, and counted in `result.json`. Default: 0.01.
   */
  readonly quarantine?: number;
  /**
   * Colour such as "#000000" that transparent images are laid on before they are resized. Default:
   * white.
   */
  readonly background?: string;
  /** Images of more pixels are unreadable. Default: 100 million. */
  readonly maximumPixels?: number;
}
