/** Teacher features of a batch, computed at each step or read from the feature cache. */
import * as tf from "@tensorflow/tfjs";
import { compileByBatch } from "../engine/compile_by_batch.ts";
import { assertSpace } from "../io/disk_space.ts";
import { cacheFolder } from "../io/user_cache.ts";
import type { Targets } from "../method/standardizers/statistics.ts";
import { keptPatches, pickPatches } from "../method/token_selection.ts";
import { type Grid, resampleTokens, supervisedGrid } from "../nn/token_grid.ts";
import { patchStrideOf } from "../recipe/feature_cache.ts";
import type { Teacher } from "../teachers/backbone.ts";
import { featureVersion } from "../teachers/feature_version.ts";
import { targetCompilation } from "./arithmetic.ts";
import type { HostBatch } from "./batch.ts";
import { type KeptBytes, openKeptFeatures } from "./feature_cache/kept_features.ts";
import type { LazyViews } from "./lazy_views.ts";
import { featureCacheKey } from "./feature_cache/key.ts";
import {
  joinTokens,
  type RecordShape,
  recordShapeOf,
  splitTokens,
  type TeacherTargets,
} from "./feature_cache/record.ts";
import { inParts } from "./memory/in_parts.ts";
import type { TrainingSetup } from "./setup.ts";

/** Where the targets of a batch come from. */
export interface TargetSource {
  /**
   * Computes the targets of a batch, or reads them; the caller owns them.
   *
   * @param views computes the views of the batch, `[batch, size, size, 3]`, where they are needed; borrowed
   * @param stopped names of teachers that are not asked; their targets are zeros
   */
  compute(
    views: LazyViews["get"],
    batch: Pick<HostBatch, "view" | "indices">,
    stopped?: readonly string[],
  ): Promise<Targets>;
  /** By teacher, the bytes of all features that will be kept, and of those that are missing. */
  readonly kept?: ReadonlyMap<string, KeptBytes> | undefined;
  dispose(): void;
}

/**
 * Opens the targets of a run: from the feature cache where the recipe has one.
 *
 * @param options folder: of the feature cache; default: the setup's
 * @throws {UserError} where the disk is too small for the cache
 */
export async function openTargets(
  setup: TrainingSetup,
  { folder = setup.features ?? cacheFolder("features") }: { readonly folder?: string | undefined } =
    {},
): Promise<TargetSource> {
  return setup.recipe.featureCache ? await cachedTargets(setup, folder) : liveTargets(setup);
}

/** Runs every teacher at each step, all in one compiled function, one for those that have not stopped. */
function liveTargets(setup: TrainingSetup): TargetSource {
  const { teachers, recipe, student: { ladder: { grid } } } = setup;
  const { accumulate = 1 } = recipe.optimization;
  const stride = patchStrideOf(recipe);
  const compileWithout = (stopped: readonly string[]) =>
    compileByBatch(
      (images: tf.Tensor4D): Targets =>
        Object.fromEntries(
          teachers.map((teacher) => [
            teacher.name,
            stopped.includes(teacher.name)
              ? zeroTargets(recordOf(setup, teacher), images.shape[0])
              : targetsOf(teacher, images, grid, stride),
          ]),
        ),
      { ...targetCompilation(recipe, teachers), name: "targets" },
    );
  const compiled = new Map<string, ReturnType<typeof compileWithout>>();
  return {
    async compute(views, _, stopped = []) {
      const key = stopped.join();
      const compute = compiled.get(key) ?? compileWithout(stopped);
      compiled.set(key, compute);
      return await inParts(compute, accumulate)(await views());
    },
    dispose: () => compiled.forEach((compute) => compute.dispose()),
  };
}

/**
 * Runs a teacher only for views that no run has seen yet. Each teacher has a file of its own, so
 * that a run with other teachers finds what the former left.
 */
async function cachedTargets(setup: TrainingSetup, folder: string): Promise<TargetSource> {
  const sources = await openCaches(setup, folder);
  return {
    kept: new Map(sources.map(({ teacher, features }) => [teacher.name, features.kept])),
    async compute(views, { view, indices }, stopped = []) {
      const targets: Record<string, TeacherTargets> = {};
      for (const { teacher, record, features } of sources) {
        const read = stopped.includes(teacher.name)
          ? undefined
          : await features.read(views, { view, indices });
        targets[teacher.name] = tf.tidy(() =>
          read === undefined
            ? zeroTargets(record, indices.length)
            : splitTokens(tf.tensor2d(read, [indices.length, record.size]), record)
        );
      }
      return targets;
    },
    dispose() {
      for (const { compute, features } of sources) {
        compute.dispose();
        features.dispose();
      }
    },
  };
}

/** The kept features of every teacher, and the function that computes those that are missing. */
async function openCaches(setup: TrainingSetup, folder: string) {
  const { teachers, recipe, student: { ladder: { grid } } } = setup;
  const { accumulate = 1 } = recipe.optimization;
  const stride = patchStrideOf(recipe);
  const version = await featureVersion();
  await Deno.mkdir(folder, { recursive: true });
  const sources = teachers.map((teacher) => {
    const record = recordOf(setup, teacher);
    const compute = compileByBatch(
      (images: tf.Tensor4D) => joinTokens(targetsOf(teacher, images, grid, stride)),
      { ...targetCompilation(recipe, [teacher]), name: `targets of ${teacher.name}` },
    );
    const features = openKeptFeatures(setup, {
      ...{ folder, width: record.size },
      keyOf: (images) => featureCacheKey({ ...setup, images }, teacher, version),
    }, inParts(compute, accumulate));
    return { teacher, record, compute, features };
  });
  await assertSpace(sources.reduce((sum, { features }) => sum + features.kept.missing, 0), folder);
  return sources;
}

/** The layout of a teacher's features of one image. */
function recordOf(
  { recipe, student: { ladder: { grid } } }: TrainingSetup,
  teacher: Teacher,
): RecordShape {
  const patches = keptPatches(supervisedGrid(grid, teacher.grid()), patchStrideOf(recipe)).length;
  return recordShapeOf(teacher, patches);
}

/** In the place of a teacher that is not asked. */
function zeroTargets(record: RecordShape, batch: number): TeacherTargets {
  return splitTokens(tf.zeros([batch, record.size]), record);
}

/** A teacher's features where they are compared: a finer grid is averaged down to the student's. */
function targetsOf(
  teacher: Teacher,
  images: tf.Tensor4D,
  student: Grid,
  stride: number,
): TeacherTargets {
  const { cls, patch } = teacher.features(images);
  const grid = teacher.grid();
  const compared = supervisedGrid(student, grid);
  // Tokens that the teacher does not have are absent: every entry is a target.
  return {
    ...cls !== undefined && { cls },
    ...patch !== undefined && {
      patch: pickPatches(resampleTokens(patch, grid, compared), compared, stride),
    },
  };
}
