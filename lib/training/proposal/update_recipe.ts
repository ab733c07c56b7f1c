/** A recipe that brings a finished run up to date with new images. */
import { UserError } from "../../errors/user_error.ts";
import type { RecipeInput } from "../../recipe/input.ts";
import type { Recipe } from "../../recipe/options.ts";
import type { BackboneSpec } from "../../teachers/backbone_spec.ts";
import { studentFamily } from "../../teachers/student_file.ts";

/** What is asked for. */
export interface UpdateRequest {
  /** Folder of the finished run. */
  readonly run: string;
  /** Folders and zips of new images. */
  readonly images: readonly string[];
  /** Share of the images of a pass that are the old run's, from 0 to below 1. */
  readonly rehearse: number;
  /**
   * Networks to learn from, in place of the old run's teachers: the old student then takes part as a teacher, so that
   * nothing of it is forgotten. Default: the old run's teachers.
   */
  readonly teachers?: readonly BackboneSpec[] | undefined;
  /** Minutes of training. Default: a fifth of the old run's. */
  readonly minutes?: number | undefined;
  /** Labelled image sets to measure on, beside those of the old run. */
  readonly evaluate: readonly string[];
}

/** What is known of the old run and the new images. */
export interface UpdateFacts {
  readonly before: Recipe;
  /** Seconds of the old run's training; undefined where it keeps no result. */
  readonly seconds: number | undefined;
  /** Images of a pass of the old run, and new images. */
  readonly counts: { readonly old: number; readonly new: number };
  /** Whether the old run keeps a checkpoint, which has its projectors. */
  readonly hasProjectors: boolean;
}

/** Share of old images where none is given; with fewer of them old tasks lose, see docs/drift.md. */
export const defaultRehearsal = 0.67;

/** Part of the old run's minutes that an update takes by default. */
const minutesShare = 1 / 5;

/**
 * Views of each image. What teachers say of further ones takes time, which more steps are worth more than; old images
 * are seen in the first of the old run's.
 */
export const updateViews = 1;

/** Images of the smallest batch that an update comes to by itself. */
const smallestBatch = 32;

/**
 * Images of a batch: half of the old run's, which makes of the same minutes twice the steps. With batches of less
 * than 32 old tasks lose, see docs/drift.md.
 */
export function updateBatchSize(
  { batchSize, accumulate = 1 }: Pick<Recipe["optimization"], "batchSize" | "accumulate">,
): number {
  const half = Math.max(smallestBatch, batchSize / 2);
  return half < batchSize && half % accumulate === 0 ? half : batchSize;
}

/**
 * Writes the recipe of an update: the old run's, from its student and, where the teachers are the same, its
 * projectors, on new images and a share of the old ones. These are seen in a view of the old run's, so that features
 * of the same teachers come from its cache.
 *
 * @returns with it how many old images are rehearsed, and how many their share wants
 * @throws {UserError} where the minutes are neither given nor known
 */
export function updateRecipe(
  { run, images, rehearse, teachers, minutes, evaluate }: UpdateRequest,
  { before, seconds, counts, hasProjectors }: UpdateFacts,
): { readonly recipe: RecipeInput; readonly rehearsed: number; readonly wanted: number } {
  const budget = minutes ?? (seconds === undefined ? undefined : minutesShare * seconds / 60);
  if (budget === undefined) {
    throw new UserError(
      `Cannot plan an update of "${run}": it keeps no result.json with the seconds of its training, of which a ` +
        "fifth is the default. Give --minutes N",
    );
  }
  const wanted = Math.round(counts.new * rehearse / (1 - rehearse));
  const rehearsed = Math.min(counts.old, wanted);
  const oldStudent: BackboneSpec = {
    name: "old_student",
    checkpoint: `${studentFamily}:${run}`,
  };
  const { steps: _s, epochs: _e, warmupSteps: _w, warmupEpochs: _p, ...optimization } =
    before.optimization;
  const { subset: _subset, ...ofImages } = before.images;
  const keepsProjectors = teachers === undefined && hasProjectors;
  const { from: _from, ...ladder } = before.ladder;
  return {
    ...{ rehearsed, wanted },
    recipe: {
      ...before,
      name: `${before.name}-update`,
      description: `"${before.name}", brought up to date with ${counts.new} new images`,
      images: {
        ...ofImages,
        sources: [
          ...rehearsed === 0 ? [] : [{ run, images: rehearsed }],
          ...images.map((path) => ({ path })),
        ],
        ...before.featureCache !== false && { views: updateViews },
      },
      teachers: teachers === undefined ? before.teachers : [oldStudent, ...teachers],
      student: {
        ...before.student,
        from: teachers === undefined ? run : oldStudent.checkpoint!,
      },
      ladder: keepsProjectors ? { ...ladder, from: run } : ladder,
      balancing: withoutStop(before.balancing),
      optimization: { ...optimization, batchSize: updateBatchSize(optimization) },
      budget: { ...before.budget, minutes: budget },
      evaluation: {
        ...before.evaluation,
        tasks: [...new Set([...before.evaluation.tasks, ...evaluate])],
      },
    },
  };
}

/** Teachers stop by held-out images, of which an update has too few. */
function withoutStop({ stop: _stop, ...balancing }: Recipe["balancing"]): Recipe["balancing"] {
  return balancing;
}
