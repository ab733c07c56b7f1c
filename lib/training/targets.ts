/** What the teachers say of views: asked at every step, or asked once and kept on disk. */
import * as tf from "@tensorflow/tfjs";
import { type FeatureCache, featureCacheBytes, openFeatureCache } from "./feature_cache/file.ts";
import { userCache } from "../engine/install/host.ts";
import type { TokenType } from "../method/tokens.ts";
import { type Grid, resampleTokens, supervisedGrid } from "../nn/token_grid.ts";
import type { Targets } from "../method/standardizers/statistics.ts";
import type { Teacher } from "../teachers/backbone.ts";
import type { HostBatch } from "./batch.ts";
import { compileLazily } from "../engine/compile_lazily.ts";
import { assertSpace } from "../io/disk_space.ts";
import type { TrainingSetup } from "./setup.ts";
import { keptPatches, pickPatches } from "../method/token_selection.ts";
import { patchStrideOf } from "../recipe/feature_cache.ts";

/** Where the targets of a batch come from. */
export interface TargetSource {
  /** @param images the views of the batch, `[batch, size, size, 3]`; borrowed */
  compute(images: tf.Tensor4D, batch: HostBatch): Promise<Targets>;
  dispose(): void;
}

/** Asks every teacher, all in one compiled function. */
export function liveTargets(setup: TrainingSetup): TargetSource {
  const { teachers, recipe, student: { ladder: { grid } } } = setup;
  const stride = patchStrideOf(recipe);
  const ask = compileLazily(
    (images: tf.Tensor4D): Targets =>
      Object.fromEntries(teachers.map((one) => [one.name, targetsOf(one, images, grid, stride)])),
    { ...compilation(setup, teachers), name: "targets" },
  );
  return { compute: (images) => ask(images), dispose: ask.dispose };
}

/**
 * Asks a teacher only for views that no run has seen yet. Each teacher has a file of its own, so
 * that a run with other teachers finds what the former left.
 *
 * @throws {UserError} where the disk is too small
 */
export async function cachedTargets(
  setup: TrainingSetup,
  folder = `${userCache(Deno.build.os, (name) => Deno.env.get(name))}/features`,
): Promise<TargetSource> {
  const { teachers, recipe, student: { ladder: { grid } } } = setup;
  const stride = patchStrideOf(recipe);
  const shapes = teachers.map((teacher) => recordOf(teacher, grid, stride));
  const tables = shapes.map(({ width }) => tableOf(setup, width));
  await Deno.mkdir(folder, { recursive: true });
  const caches: FeatureCache[] = [];
  let missing = 0;
  teachers.forEach((teacher, i) => {
    const cache = openFeatureCache({ folder, key: keyOf(setup, teacher), ...tables[i]! });
    caches.push(cache);
    missing += Math.max(0, featureCacheBytes(tables[i]!) - allocated(cache.path));
  });
  await assertSpace(missing, folder);
  const asked = teachers.map((teacher) =>
    compileLazily(
      (images: tf.Tensor4D) => joinTokens(targetsOf(teacher, images, grid, stride)),
      { ...compilation(setup, [teacher]), name: `targets of ${teacher.name}` },
    )
  );
  return {
    async compute(images, { view, indices }) {
      const targets: Record<string, Targets[string]> = {};
      for (const [i, teacher] of teachers.entries()) {
        const { features, missing } = caches[i]!.read(view, indices);
        if (missing.length > 0) {
          const output = await asked[i]!(images);
          const computed = await output.data<"float32">();
          output.dispose();
          caches[i]!.write(view, indices, computed, missing, features);
        }
        targets[teacher.name] = splitRecords(features, indices.length, shapes[i]!);
      }
      return targets;
    },
    dispose: () => {
      asked.forEach((one) => one.dispose());
      caches.forEach((cache) => cache[Symbol.dispose]());
    },
  };
}

/** Graphs, since XLA's convolutions are slow on processors. */
function compilation({ recipe }: TrainingSetup, teachers: readonly Teacher[]) {
  // Teachers that resize views do it by matrix products: bfloat16 is too coarse for colours.
  const resized = teachers.some(({ input }) => input.size !== recipe.images.size);
  return {
    mode: recipe.mode === "eager" ? "eager" : "graph",
    precision: resized ? "float32" : recipe.precision,
  } as const;
}

/** A teacher's features where they are compared: a finer grid is averaged down to the student's. */
function targetsOf(
  teacher: Teacher,
  images: tf.Tensor4D,
  student: Grid,
  stride: number,
): Targets[string] {
  const { cls, patch } = teacher.features(images);
  const grid = teacher.grid();
  const compared = supervisedGrid(student, grid);
  return {
    ...(cls === undefined ? {} : { cls }),
    ...(patch === undefined
      ? {}
      : { patch: pickPatches(resampleTokens(patch, grid, compared), compared, stride) }),
  };
}

/** How a teacher's tokens of one image lie in a record: CLS, then patches. */
interface RecordShape {
  readonly teacher: Teacher;
  readonly patches: number;
  /** Numbers in all. */
  readonly width: number;
}

function recordOf(teacher: Teacher, student: Grid, stride: number): RecordShape {
  const has = (token: TokenType) => Number(teacher.tokens.includes(token));
  const patches = has("patch") *
    keptPatches(supervisedGrid(student, teacher.grid()), stride).length;
  return { teacher, patches, width: (has("cls") + patches) * teacher.width };
}

function tableOf({ recipe, images }: TrainingSetup, width: number) {
  const { featureCache } = recipe;
  return {
    views: recipe.images.views ?? 1,
    images: images.count,
    width,
    ...typeof featureCache === "object" && { precision: featureCache.precision },
  };
}

/** Everything that the features of a view depend on. */
function keyOf({ recipe, images, augmentation, student }: TrainingSetup, teacher: Teacher) {
  const stride = patchStrideOf(recipe);
  const subset = [teacher.tokens, teacher.tokens.includes("patch") ? stride : 1];
  return {
    teacher: [teacher.digest, teacher.input, supervisedGrid(student.ladder.grid, teacher.grid())],
    computed: compilation({ recipe } as TrainingSetup, [teacher]),
    images: [images.digest, images.canvas, images.count],
    // Views that are not drawn do not depend on the seed, and runs that differ in it share their features.
    views: isDrawn(augmentation) ? { seed: recipe.seed, augmentation } : { augmentation },
    // Named only where there is one, so that files of whole teachers are found again.
    ...typeof recipe.featureCache === "object" &&
      (recipe.featureCache.tokens.length < 2 || stride > 1) && { subset },
  };
}

function isDrawn(
  { scale, flip, jitter, grey, blur, solarize }: TrainingSetup["augmentation"],
): boolean {
  return [scale, flip, jitter, grey, blur, solarize].some((part) => part !== false);
}

/** Bytes on the disk of a file that may have holes. */
function allocated(path: string): number {
  return 512 * (Deno.statSync(path).blocks ?? 0);
}

/** `cls [batch, width]` and `patch [batch, tokens, width]` to `[batch, (1 + tokens) * width]`. */
function joinTokens({ cls, patch }: Targets[string]): tf.Tensor2D {
  const flat = [cls, patch].filter((tokens) => tokens !== undefined)
    .map((tokens) => tf.reshape<tf.Rank.R2>(tokens, [tokens.shape[0], -1]));
  return flat.length === 1 ? flat[0]! : tf.concat2d(flat, 1);
}

function splitRecords(
  features: Float32Array,
  batch: number,
  { teacher: { width, tokens }, patches, width: size }: RecordShape,
): Targets[string] {
  return tf.tidy(() => {
    const records = tf.tensor2d(features, [batch, size]);
    const first = tokens.includes("cls") ? width : 0;
    const patch = () =>
      tf.reshape<tf.Rank.R3>(
        tf.slice(records, [0, first], [batch, size - first]),
        [batch, patches, width],
      );
    return {
      ...(first > 0
        ? { cls: tf.slice<tf.Rank.R2, tf.Tensor2D>(records, [0, 0], [batch, first]) }
        : {}),
      ...(patches > 0 ? { patch: patch() } : {}),
    };
  });
}
