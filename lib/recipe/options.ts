import type { BackboneSpec } from "../teachers/backbone_spec.ts";
import type { Balancing } from "../method/balancing.ts";
import type { HalfPrecision } from "../tensors/half_precision.ts";
import type { TokenType } from "../method/tokens.ts";
import type { EvaluationMetric } from "../metrics/comparison/evaluation_metric.ts";
import type { Schedule } from "../tensors/schedules.ts";
import type { StandardizerKind } from "../method/standardizers/standardizer.ts";
import type { WorldImages } from "../world/pack.ts";

/** The vision transformer to train. */
export interface RecipeStudent {
  /** Width of a token; divisible by the heads. */
  readonly width: number;
  /** Blocks. */
  readonly depth: number;
  /** Heads of the attention. */
  readonly heads: number;
  /** Side of a patch in pixels. */
  readonly patchSize: number;
  /** Hidden width of the MLPs over the width. Default 4. */
  readonly mlpRatio: number;
  /** Stochastic depth of the last block, linear from 0 at the first. Default 0.1. */
  readonly dropPath: number;
  /** Learnt tokens beside CLS and patches that no teacher supervises. Default 0. */
  readonly registers?: number;
  /** Where the LayerScale of every branch begins, such as 1e-4. Default: no LayerScale. */
  readonly layerScale?: number;
  /** How an image becomes tokens. Default "patch". */
  readonly stem: "patch" | "convolution";
  /** How matrices begin. Default "fixed", the reference's 0.02; "scaled" suits narrow students. */
  readonly initialization: "fixed" | "scaled";
}

/** The projectors (paper sections 3.1 and 3.4). */
export interface RecipeLadder {
  /**
   * "ladder" (default): a head on every block; "top": on the last one only; "transformer": a block of
   * attention and a linear layer on top of the last one.
   */
  readonly kind: "ladder" | "top" | "transformer";
  /** Hidden layers of each "top" head, 0 to 3. Default 1. */
  readonly hiddenLayers?: number;
  /** Whether CLS and patches share the "top" head of a teacher. Default false. */
  readonly shared?: boolean;
  /** Blocks that feed the ladder, counted from 0. Default "all". */
  readonly blocks: "all" | readonly number[];
  /** Hidden width of the rungs below the last. Default: the student's width. */
  readonly hidden?: number;
  /** Hidden width of the last rung. Default: four times the student's width. */
  readonly lastHidden?: number;
}

/** How the losses of the teachers become one (paper section 3.5). */
export interface RecipeBalancing extends Balancing {
  /**
   * Probability of dropping a teacher that is not the hardest of the image; a number, or
   * `{ start, end, curve: "linear" | "cosine" }` over the run. Default 0.5.
   */
  readonly probability: Schedule;
}

/** How the features of the teachers are made comparable (paper section 3.3). */
export interface RecipeStandardizer {
  /** Default "ema", as published. */
  readonly kind: StandardizerKind;
  /** Weight of the newest batch in the running statistics at the first step. Default 1. */
  readonly start: number;
  /** The same after the last step, reached along a cosine. Default 0.001. */
  readonly end: number;
  /** Batches that "fixed", "global" and "phi_s" are fitted to before the first step. Default 100. */
  readonly batches: number;
}

/** AdamW with linear warm-up and cosine decay (paper appendix A). */
export interface RecipeOptimization {
  /** Images per step. */
  readonly batchSize: number;
  /** Length of the run in updates; give this or `epochs`. */
  readonly steps?: number;
  /** Length of the run in passes over the images; give this or `steps`. */
  readonly epochs?: number;
  /** Peak learning rate, as it is. */
  readonly learningRate?: number;
  /** Peak learning rate for 256 images, scaled with the batch size. Default 3e-4. */
  readonly baseLearningRate?: number;
  /** Default 1e-6. */
  readonly minimumLearningRate: number;
  /** Updates of linear warm-up. Default: a twentieth of the run, the paper's 10 of 200 epochs. */
  readonly warmupSteps?: number;
  /** The same in passes over the images. */
  readonly warmupEpochs?: number;
  /** Default 0.03; on tensors of two and more dimensions. */
  readonly weightDecay: number;
  /** Default 0.9. */
  readonly beta1: number;
  /** Default 0.99. */
  readonly beta2: number;
  /** Default 1e-8. */
  readonly epsilon: number;
  /** Largest L2 norm of the whole gradient. Default: not limited. */
  readonly maximumGradientNorm?: number;
}

/** How the teachers' features are kept on disk, and how many of them. */
export interface RecipeFeatureCache {
  /** Of the numbers, 16 bits either way. Default "float16"; "bfloat16" for features beyond 65504. */
  readonly precision: HalfPrecision;
  /**
   * Kinds of tokens that are kept. The student learns nothing of the others: with `["cls"]` it has no
   * patch projectors. Default both.
   */
  readonly tokens: readonly TokenType[];
  /**
   * Of the patch tokens only those of every n-th row and column are kept, a share of 1 / n² of
   * them, and only there is the student supervised. Default 1.
   */
  readonly patchStride: number;
}

/** When and how many checkpoints are kept. */
export interface RecipeCheckpoint {
  /** Updates between checkpoints. Default 500; the last step is always kept. */
  readonly every: number;
  /** Newest checkpoints that stay on disk. Default 2. */
  readonly keep: number;
  /** Checkpoints of the lowest loss that stay too. Default 0. */
  readonly keepBest: number;
  /** Those whose update is a multiple of this stay too. Default: none. */
  readonly keepEvery?: number;
}

/** What happens where an update may not. */
export interface GuardSettings {
  /**
   * - `"stop"` (default): the run ends with the cause, and the state from before the step is saved;
   * - `"skip"`: the step changes nothing, and the next one sees the next batch;
   * - `"rollback"`: so too, and the updates since the newest checkpoint are undone as well.
   */
  readonly policy: "stop" | "skip" | "rollback";
  /** Incidents in the whole run that are skipped or rolled back; one more stops it. Default 10. */
  readonly budget: number;
  /**
   * A loss above so many times the median of the last 100 is an incident, once there were 20; `false`
   * lets every finite loss pass. Default 10.
   */
  readonly spike: number | false;
}

/** What is measured when the run has ended. */
export interface RecipeEvaluation {
  /** Names or paths of labelled image sets. Default: none. */
  readonly tasks: readonly string[];
  /** Frozen feature: the CLS token (default), the mean of the patch tokens, or both. */
  readonly feature: "cls" | "patch" | "cls+patch";
  /** How: {@linkcode EvaluationMetric}. Default only "knn". */
  readonly metrics: readonly EvaluationMetric[];
  /** Neighbours of the k-NN vote. Default 20. */
  readonly k: number | readonly number[];
}

/** A whole experiment, every option filled in. Made by {@linkcode defineRecipe}. */
export interface Recipe {
  /** Names the run folder: lower case letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** A sentence for the report. */
  readonly description?: string;
  /** Root of all randomness of the run. Default 0. */
  readonly seed: number;
  /** What the student is trained on. */
  readonly images: RecipeImages;
  /** Networks to learn from, at least one. */
  readonly teachers: readonly BackboneSpec[];
  /** The network to train. */
  readonly student: RecipeStudent;
  /** Projectors from the student to its teachers. */
  readonly ladder: RecipeLadder;
  /** Which teachers count for an image. */
  readonly balancing: RecipeBalancing;
  /** Statistics of the teachers. */
  readonly standardizer: RecipeStandardizer;
  /** Length of the run and its learning rate. */
  readonly optimization: RecipeOptimization;
  /**
   * Keep the teachers' features on disk, in half precision, and ask each teacher only once for each of
   * the `images.views`. An object says how, and which tokens. Default false; true is float16 and all.
   */
  readonly featureCache: boolean | RecipeFeatureCache;
  /** Arithmetic of the matrix products. Default "float32". */
  readonly precision: "float32" | "bfloat16";
  /** How the step is compiled. Default "xla". */
  readonly mode: "xla" | "graph" | "eager";
  /** Image workers; never changes the result. Default: chosen by the machine. */
  readonly workers?: number;
  /** What is kept on disk. */
  readonly checkpoint: RecipeCheckpoint;
  /** What happens to a step that may not update; may be changed when a run is resumed. */
  readonly guard: GuardSettings;
  /** What is measured at the end. */
  readonly evaluation: RecipeEvaluation;
}

/** What a recipe file writes: only what differs from the defaults. */
export interface RecipeInput {
  /** As in {@linkcode Recipe}. */
  readonly name: string;
  /** As in {@linkcode Recipe}. */
  readonly description?: string;
  /** Default 0. */
  readonly seed?: number;
  /** Sources and size are needed. */
  readonly images: {
    readonly sources: readonly RecipeSource[];
    readonly size: number;
    readonly canvas?: number;
    readonly views?: number;
    readonly augmentation?: RecipeAugmentationInput | false;
  };
  /** Names, or names with options. */
  readonly teachers: readonly (BackboneSpec | string)[];
  /** Width, depth, heads and patch size are needed. */
  readonly student:
    & Pick<RecipeStudent, "width" | "depth" | "heads" | "patchSize">
    & Partial<RecipeStudent>;
  /** Default: every block. */
  readonly ladder?: Partial<RecipeLadder>;
  /** Default: teacher drop with probability 0.5. */
  readonly balancing?: Partial<RecipeBalancing>;
  /** Default: running statistics, weight from 1 to 0.001. */
  readonly standardizer?: Partial<RecipeStandardizer>;
  /** Batch size and either steps or epochs are needed. */
  readonly optimization: Pick<RecipeOptimization, "batchSize"> & Partial<RecipeOptimization>;
  /** Default false. */
  readonly featureCache?: boolean | Partial<RecipeFeatureCache>;
  /** Default "float32". */
  readonly precision?: Recipe["precision"];
  /** Default "xla". */
  readonly mode?: Recipe["mode"];
  /** Default: chosen by the machine. */
  readonly workers?: number;
  /** Default: every 500 updates, the last 2. */
  readonly checkpoint?: Partial<RecipeCheckpoint>;
  /** Default: stop; a budget of 10, and spikes above 10 times the median. */
  readonly guard?: Partial<GuardSettings>;
  /** Default: nothing is measured. */
  readonly evaluation?: Partial<RecipeEvaluation>;
}

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
