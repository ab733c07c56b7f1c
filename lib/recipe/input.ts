/** What a recipe file contains: the options of a recipe, those that have a default being optional. */
import type { BackboneSpec } from "../teachers/backbone_spec.ts";
import type { Schedule } from "../tensors/schedules.ts";
import type { RecipeAugmentation, RecipeImages, RecipeSubset } from "./image_options.ts";
import type { RecipeStudent } from "./student_options.ts";
import type {
  GuardSettings,
  Recipe,
  RecipeBalancing,
  RecipeBudget,
  RecipeCheckpoint,
  RecipeEvaluation,
  RecipeFeatureCache,
  RecipeLadder,
  RecipeOptimization,
  RecipeStandardizer,
  RecipeTeacherStop,
} from "./options.ts";

/** Input of {@linkcode defineRecipe}: only what differs from the defaults. */
export type RecipeInput =
  & Pick<Recipe, "name">
  & WithDefaults<Omit<Recipe, "name" | keyof RecipeInputSections>>
  & RecipeInputSections;

/** The options of {@linkcode RecipeInput} that have options of their own. */
export interface RecipeInputSections {
  /** What the student is trained on; sources and size are needed. */
  readonly images:
    & Pick<RecipeImages, "sources" | "size">
    & Partial<Omit<RecipeImages, "augmentation" | "subset">>
    & {
      /** Which of the images are seen; their number is needed. */
      readonly subset?: Pick<RecipeSubset, "images"> & WithDefaults<Omit<RecipeSubset, "images">>;
      /** How views are drawn, where it differs from the reference; `false`: the whole image. */
      readonly augmentation?: RecipeAugmentationInput | false | undefined;
    };
  /** Networks that the student learns from: names, or names with options. */
  readonly teachers: readonly (BackboneSpec | string)[];
  /**
   * The network to train. Of a transformer width, depth, heads and patch size are needed, of a convolutional
   * network its kind.
   */
  readonly student: StudentInput<RecipeStudent>;
  /** Projectors from the student to its teachers. */
  readonly ladder?: WithDefaults<RecipeLadder> | undefined;
  /** How the losses of the teachers are weighed. */
  readonly balancing?:
    | WithDefaults<Omit<RecipeBalancing, "probability" | "stop">> & {
      /** When a teacher stops to count; held-out images and the steps between measurements are needed. */
      readonly stop?:
        & Pick<RecipeTeacherStop, "heldOut" | "every">
        & WithDefaults<Omit<RecipeTeacherStop, "heldOut" | "every">>;
      /** Probability of dropping a teacher, or a schedule of it; `curve` is "linear" by default. */
      readonly probability?: ScheduleInput | undefined;
    }
    | undefined;
  /** How the teachers' features are made comparable. */
  readonly standardizer?: WithDefaults<RecipeStandardizer> | undefined;
  /** Length of the run, learning rate, and AdamW; the batch size is needed. */
  readonly optimization:
    & Pick<RecipeOptimization, "batchSize">
    & WithDefaults<Omit<RecipeOptimization, "batchSize">>;
  /** Minutes of training, instead of steps or epochs. */
  readonly budget?: Pick<RecipeBudget, "minutes"> & WithDefaults<Omit<RecipeBudget, "minutes">>;
  /** Whether the teachers' features are kept on disk, and how. */
  readonly featureCache?: boolean | WithDefaults<RecipeFeatureCache> | undefined;
  /** When checkpoints are written, and how many are kept. */
  readonly checkpoint?: WithDefaults<RecipeCheckpoint> | undefined;
  /** What happens to a step whose update is refused. */
  readonly guard?: WithDefaults<GuardSettings> | undefined;
  /** What is measured at the end. */
  readonly evaluation?: WithDefaults<RecipeEvaluation> | undefined;
}

/** A student whose options may be left out where they have defaults; by kind. */
export type StudentInput<T> = T extends unknown ? WithDefaultsOf<T, keyof T & DefaultOfStudent>
  : never;

/** Options of a student that have defaults. */
type DefaultOfStudent = "mlpRatio" | "dropPath" | "stem" | "initialization" | "batchNorm";

type WithDefaultsOf<T, K extends keyof T> = Omit<T, K> & WithDefaults<Pick<T, K>>;

/** {@linkcode RecipeAugmentation}, each option of it optional, and each of theirs. */
export type RecipeAugmentationInput = {
  readonly [K in keyof RecipeAugmentation]?: OptionalInside<RecipeAugmentation[K]> | undefined;
};

/** An object whose options have defaults; anything else as it is. */
export type OptionalInside<T> = T extends number | boolean | readonly unknown[] ? T
  : WithDefaults<T>;

/** A {@linkcode Schedule} whose curve has a default. */
export type ScheduleInput =
  | number
  | (
    & Pick<Exclude<Schedule, number>, "start" | "end">
    & WithDefaults<Pick<Exclude<Schedule, number>, "curve">>
  );

/**
 * Options that a recipe always has may be left out or be undefined, since they have defaults. Those that
 * it may lack are as they are.
 */
export type WithDefaults<T> = {
  readonly [K in keyof T]?: T[K] | (object extends Pick<T, K> ? never : undefined);
};
