/**
 * A recipe with every option filled in. The schema beside it owns the ranges and the defaults; a test
 * holds the defaults that are named here against it, and another one the names and types.
 *
 * @module
 */
import type { FlagSetName } from "../engine/tuning/flag_sets.ts";
import type { BackboneSpec } from "../teachers/backbone_spec.ts";
import type { Balancing } from "../method/balancing.ts";
import type { HalfPrecision } from "../tensors/half_precision.ts";
import type { TokenType } from "../method/tokens.ts";
import type { EvaluationMetric } from "../metrics/comparison/evaluation_metric.ts";
import type { Schedule } from "../tensors/schedules.ts";
import type { StandardizerKind } from "../method/standardizers/standardizer.ts";
import type { RecipeAugmentation, RecipeImages } from "./image_options.ts";
import type { SomeOptions, StageStart, wholeOptions } from "./stages/stage_options.ts";
import type { RecipeStudent } from "./student_options.ts";

/** The projectors (paper sections 3.1 and 3.4). */
export interface RecipeLadder {
  /**
   * "ladder": a head on every block; "top": on the last one only; "transformer": a block of attention
   * and a linear layer on top of the last one. Default "ladder".
   */
  readonly kind: "ladder" | "top" | "transformer";
  /** Hidden layers of each "top" head, 0 to 3. Default: 1. */
  readonly hiddenLayers?: number;
  /** Whether CLS and patches share the "top" head of a teacher. Default: they do not. */
  readonly shared?: boolean;
  /**
   * Blocks that feed the ladder, counted from 0, in rising order. Default "all"; of frozen stages the last
   * alone is read.
   */
  readonly blocks: "all" | readonly number[];
  /** Hidden width of the rungs below the last. Default: a transformer's width; else 512. */
  readonly hidden?: number;
  /** Hidden width of the last rung. Default: four times a transformer's width; else 512. */
  readonly lastHidden?: number;
  /**
   * What a rung sees: the block's tokens as they are, or standardised by statistics of the first batches,
   * which suits stages of unlike scale. Default: "raw" for transformers, else "standardized".
   */
  readonly inputs?: "raw" | "standardized";
  /**
   * The stage on whose grid patches are compared; those of other stages are averaged down or repeated.
   * Default: the last.
   */
  readonly patchStage?: number;
  /**
   * A run whose projectors these begin with, as far as names and shapes agree; relative to the working folder.
   * Default: random ones.
   */
  readonly from?: string;
  /**
   * Whether teachers are predicted one after the other, and once more in the backward pass, so that the
   * predictions of one teacher at a time are there: less memory, more time. Default: false.
   */
  readonly recompute?: boolean;
}

/** How the losses of the teachers become one (paper section 3.5). */
export interface RecipeBalancing extends Balancing {
  /**
   * Probability of dropping a teacher that is not the hardest of the image; a number, or
   * `{ start, end, curve: "linear" | "cosine" }` over the run. Default 0.5.
   */
  readonly probability: Schedule;
  /** When a teacher stops to count. Default: never. */
  readonly stop?: RecipeTeacherStop;
}

/**
 * A teacher stops to count once its loss on held-out images no longer falls; the others share its weight.
 * At least one goes on.
 */
export interface RecipeTeacherStop {
  /** Number of images that are measured and not trained on. */
  readonly heldOut: number;
  /** Updates between measurements. */
  readonly every: number;
  /** Measurements in a row without an improvement, after which a teacher stops. Default 3. */
  readonly patience: number;
  /** Share of the lowest loss so far by which a loss must be lower to improve on it. Default 0.01. */
  readonly minimumImprovement: number;
}

/** Minutes of training, for which a run plans its own length. */
export interface RecipeBudget {
  /** Minutes of training, from the measuring of the first steps to the last update. */
  readonly minutes: number;
  /**
   * Largest share of the time that the teachers' features of new views take, where there is a feature
   * cache and `images.views` is left out: as many views as fit are planned. Default 0.5.
   */
  readonly teacherShare: number;
}

/** How the features of the teachers are made comparable (paper section 3.3). */
export interface RecipeStandardizer {
  /** How mean and deviation are estimated. Default "ema", as published. */
  readonly kind: StandardizerKind;
  /** Weight of the newest batch in the running statistics at the first step. Default 1. */
  readonly start: number;
  /** Weight after the last step, reached along a cosine. Default 0.001. */
  readonly end: number;
  /** Batches that "fixed", "global" and "phi_s" are fitted to before the first step. Default 100. */
  readonly batches: number;
  /**
   * Principal axes of each teacher's tokens that the student learns, of the fitted kinds: projectors
   * are at most so wide. Default: teachers' whole features.
   */
  readonly axes?: number;
  /** Least deviation of a feature, in means of all of its teacher's; of "ema", "batch", "fixed". Default: none. */
  readonly leastDeviation?: number;
}

/** AdamW with linear warm-up and cosine decay (paper appendix A). */
export interface RecipeOptimization {
  /** Images per step. */
  readonly batchSize: number;
  /** Equal parts in which the batch passes through the networks, to save memory. Divides it. Default: 1. */
  readonly accumulate?: number;
  /** Length of the run in updates; give this, `epochs` or a `budget`. */
  readonly steps?: number;
  /** Length of the run in passes over the images; give this, `steps` or a `budget`. */
  readonly epochs?: number;
  /** Peak learning rate, whatever the batch size; give one of the three kinds. */
  readonly learningRate?: number;
  /** Peak learning rate for 256 images, scaled with the batch size. Default: 3e-4. */
  readonly baseLearningRate?: number;
  /** Peak learning rates of the encoder and of the rest, whatever the batch size. */
  readonly learningRates?: RecipeLearningRates;
  /** Learning rate at the end of the run (of `learningRates`: the heads'). Default 1e-6. */
  readonly minimumLearningRate: number;
  /** Updates of linear warm-up. Default: a twentieth of the run, the paper's 10 of 200 epochs. */
  readonly warmupSteps?: number;
  /** Length of the warm-up in passes over the images; give this or `warmupSteps`. */
  readonly warmupEpochs?: number;
  /** Weight decay of tensors of two and more dimensions. Default 0.03. */
  readonly weightDecay: number;
  /** Which parameters decay: "heads" keeps an encoder near the weights it began with. Default: "all". */
  readonly decay?: "all" | "heads";
  /** Share of the old mean gradient that is kept at each step. Default 0.9. */
  readonly beta1: number;
  /** Share of the old mean squared gradient that is kept at each step. Default 0.99. */
  readonly beta2: number;
  /** Added to the root of the mean squared gradient. Default 1e-8. */
  readonly epsilon: number;
  /** Largest L2 norm of the whole gradient. Default: not limited. */
  readonly maximumGradientNorm?: number;
  /** Whether several processes keep a slice of the moments each (ZeRO-1): the same update. Default: false. */
  readonly sharded?: boolean;
}

/**
 * Peak learning rates by group. Both follow one schedule, so that the backbone's is the same share of
 * the heads' at every step.
 */
export interface RecipeLearningRates {
  /** Of the student's encoder; 0 freezes it. */
  readonly backbone: number;
  /** Of the projectors; the one that logs and reports show. */
  readonly heads: number;
}

/** Which of the teachers' features are kept on disk, and how. */
export interface RecipeFeatureCache {
  /** Format of the numbers. Default "float16"; "bfloat16" for features beyond 65504. */
  readonly precision: HalfPrecision;
  /**
   * Kinds of tokens that are kept. The student learns nothing of the others: with only "cls" it has
   * no patch projectors. Default ["cls", "patch"].
   */
  readonly tokens: readonly TokenType[];
  /**
   * Distance in rows and columns between the patch tokens that are kept. Of n, a share of 1 / n² is
   * kept, and the student is supervised there only. Default 1.
   */
  readonly patchStride: number;
}

/** When checkpoints are written, and how many are kept. */
export interface RecipeCheckpoint {
  /** Updates between checkpoints. Default 500; the last step is always kept. */
  readonly every: number;
  /** Newest checkpoints that stay on disk. Default 2. */
  readonly keep: number;
  /** Checkpoints of the lowest loss that stay too. Default 0. */
  readonly keepBest: number;
  /** Checkpoints whose update is a multiple of this stay too. Default: none. */
  readonly keepEvery?: number;
}

/** What happens to a step whose update is refused. */
export interface GuardSettings {
  /**
   * - `"stop"`: the run ends with the cause, and the state from before the step is saved;
   * - `"skip"`: the step changes nothing, and the next one sees the next batch;
   * - `"rollback"`: as "skip", and the updates since the newest checkpoint are undone as well.
   *
   * Default "stop".
   */
  readonly policy: "stop" | "skip" | "rollback";
  /** Incidents that are skipped or rolled back in a run; one more stops it. Default 10. */
  readonly budget: number;
  /**
   * A loss above this many times the median of the last 100 is an incident, once there are 20; `false`
   * accepts every finite loss. Default 10.
   */
  readonly spike: number | false;
}

/** What is measured when the run has ended. */
export interface RecipeEvaluation {
  /** Names or paths of labelled image sets. Default []. */
  readonly tasks: readonly string[];
  /** Frozen feature: the CLS token, the mean of the patch tokens, or both. Default "cls". */
  readonly feature: "cls" | "patch" | "cls+patch";
  /** How the feature is measured. Default ["knn"]. */
  readonly metrics: readonly EvaluationMetric[];
  /** Neighbours of the k-NN vote, or several numbers of them. Default 20. */
  readonly k: number | readonly number[];
  /**
   * "chosen": every model is measured as it is, and by the stages and predictions that serve it best on the
   * train parts of the tasks. Default "as_is".
   */
  readonly readout: "as_is" | "chosen";
}

/** A distillation, every option filled in. Made by {@linkcode defineRecipe}. */
export interface Recipe {
  /** Names the run folder: lower case letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** A sentence for the report. Default: none. */
  readonly description?: string;
  /** Root of all randomness of the run. Default 0. */
  readonly seed: number;
  /** What the student is trained on. */
  readonly images: RecipeImages;
  /** Networks that the student learns from, at least one. */
  readonly teachers: readonly BackboneSpec[];
  /** The network to train. */
  readonly student: RecipeStudent;
  /** Projectors from the student to its teachers. */
  readonly ladder: RecipeLadder;
  /** How the losses of the teachers are weighed. */
  readonly balancing: RecipeBalancing;
  /** How the teachers' features are made comparable. */
  readonly standardizer: RecipeStandardizer;
  /** Length of the run, learning rate, and AdamW. */
  readonly optimization: RecipeOptimization;
  /**
   * Minutes of training instead of `optimization.steps` or `epochs`: the run measures its own first steps
   * and plans as many as fit. Default: none.
   */
  readonly budget?: RecipeBudget;
  /**
   * Whether the teachers' features are kept on disk, in half precision, so that each teacher sees each
   * of the `images.views` once. An object sets how, and which tokens. Default false.
   */
  readonly featureCache: boolean | RecipeFeatureCache;
  /**
   * Arithmetic of the matrix products. Default "float32"; "tf32", on a GPU all products of the run with
   * inputs of 10 bits of mantissa, elsewhere as "float32"; "bfloat16", those of 7 bits.
   */
  readonly precision: "float32" | "tf32" | "bfloat16";
  /**
   * How the step is compiled. Default "auto": `deno task distill` takes what `deno task tune` found fastest
   * here and notes it in the run's recipe; else "xla".
   */
  readonly mode: "auto" | "xla" | "graph" | "eager";
  /** Flags with which XLA starts, by the name of a set that `deno task tune` knows. Default: its own. */
  readonly xlaFlags?: FlagSetName;
  /** Threads that decode images; never changes the result. Default: chosen by the machine. */
  readonly workers?: number;
  /** When checkpoints are written, and how many are kept. */
  readonly checkpoint: RecipeCheckpoint;
  /** What happens to a step whose update is refused; may change when a run is resumed. */
  readonly guard: GuardSettings;
  /** What is measured at the end. */
  readonly evaluation: RecipeEvaluation;
  /** Runs one after the other, each with what it changes in the recipe. Default: one run. */
  readonly stages?: readonly RecipeStage[];
}

/** One of the runs of a recipe with stages: its name, and the options that differ from the recipe's. */
export type RecipeStage =
  & StageStart
  & SomeOptions<Omit<Recipe, typeof wholeOptions[number] | "images" | "teachers">>
  & {
    /** What differs in the images; `augmentation: false` for whole images. */
    readonly images?:
      & SomeOptions<Omit<RecipeImages, "augmentation">>
      & { readonly augmentation?: SomeOptions<RecipeAugmentation> | false };
    /** The teachers of the stage; "previous" is the student of the stage before. Default: the recipe's. */
    readonly teachers?: readonly (BackboneSpec | string)[];
  };
