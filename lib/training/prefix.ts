/** What the frozen stages of a student give of a batch: computed at each step, or kept like features. */
import * as tf from "@tensorflow/tfjs";
import { createHash } from "node:crypto";
import { compileLazily } from "../engine/compile_lazily.ts";
import { assertSpace } from "../io/disk_space.ts";
import { cacheFolder } from "../io/user_cache.ts";
import { frozenPrefix } from "../method/encoder_input.ts";
import type { StudentParameters } from "../method/student.ts";
import { type EncoderParameters, encoderPrefix } from "../nn/encoder.ts";
import { resolutionShares } from "../recipe/resolutions.ts";
import { fromNamedTensors, type Layout, namedTensors, unflatten } from "../tensors/parameters.ts";
import { featureVersion } from "../teachers/feature_version.ts";
import { compiledPrecision } from "./arithmetic.ts";
import type { HostBatch } from "./batch.ts";
import { featureCacheBytes, openFeatureCache } from "./feature_cache/file.ts";
import { viewsKey } from "./feature_cache/key.ts";
import { type SizedStudent, studentOf } from "./resolution.ts";
import type { TrainingSetup } from "./setup.ts";
import type { KeptBytes, LazyViews } from "./targets.ts";

/** Where the inputs of a student's trained stages come from. */
export interface PrefixSource {
  /** Computes or reads what the frozen stages give of a batch; the caller owns it. */
  compute(
    views: LazyViews["get"],
    batch: Pick<HostBatch, "view" | "indices" | "size">,
  ): Promise<tf.Tensor4D | tf.Tensor3D>;
  /** Bytes that will be kept, and those of them that are missing. */
  readonly kept?: KeptBytes | undefined;
  dispose(): void;
}

/**
 * Opens the frozen stages of a student, for each size that its images have; undefined where none is frozen.
 * What they give is kept by size.
 *
 * @param parameters flat, of encoder and ladder; borrowed: the frozen ones are copied
 * @param options folder: of the feature cache; default: the setup's
 * @throws {UserError} where the disk is too small for the cache
 */
export async function openPrefix(
  setup: TrainingSetup,
  layout: Layout<StudentParameters>,
  parameters: tf.Tensor1D,
  { folder = setup.features ?? cacheFolder("features") }: { readonly folder?: string | undefined } =
    {},
): Promise<PrefixSource | undefined> {
  if (!setup.student.freeze) return undefined;
  const bySize = new Map<number, PrefixSource>();
  const dispose = () => bySize.forEach((source) => source.dispose());
  try {
    for (const { size } of resolutionShares(setup.recipe)) {
      const encoder = frozenParameters(setup, layout, parameters);
      bySize.set(size, await openAtSize(setup, { encoder, folder, ...studentOf(setup, size) }));
    }
  } catch (error) {
    dispose();
    throw error;
  }
  const kept = [...bySize.values()].flatMap(({ kept }) => kept ?? []);
  return {
    // Absent where nothing is kept.
    ...kept.length > 0 && {
      kept: {
        bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0),
        missing: kept.reduce((sum, { missing }) => sum + missing, 0),
      },
    },
    compute: (views, batch) => bySize.get(batch.size)!.compute(views, batch),
    dispose,
  };
}

/** The frozen stages for images of one size. */
interface PrefixAtSize extends SizedStudent {
  /** Of the frozen stages; taken over. */
  readonly encoder: EncoderParameters;
  /** Of the feature cache. */
  readonly folder: string;
}

async function openAtSize(setup: TrainingSetup, sized: PrefixAtSize): Promise<PrefixSource> {
  const { recipe } = setup, { encoder, student, input } = sized;
  const compute = compileLazily(
    (images: tf.Tensor4D) => frozenPrefix(encoder, images, { student, input }),
    {
      mode: recipe.mode === "eager" ? "eager" : "graph",
      // As of views: bfloat16 is too coarse for colours.
      precision: "float32",
      name: "frozen stages",
    },
  );
  const free = () => {
    compute.dispose();
    tf.dispose(namedTensors(encoder).map(([, tensor]) => tensor));
  };
  if (recipe.featureCache === false) {
    return { compute: async (views) => await compute(await views()), dispose: free };
  }
  return await cachedPrefix(setup, { ...sized, compute, free });
}

/** Copies of the parameters of all stages; those that are trained are not read. */
function frozenParameters(
  { student: { freeze = 0 } }: TrainingSetup,
  layout: Layout<StudentParameters>,
  parameters: tf.Tensor1D,
): EncoderParameters {
  const encoder = tf.tidy(() => unflatten(parameters, layout).encoder);
  const trained = (name: string) => {
    const stage = /^(?:stages|blocks)\.(\d+)\./.exec(name)?.[1];
    return stage !== undefined && Number(stage) >= freeze;
  };
  const [kept, others] = [false, true].map((which) =>
    namedTensors(encoder).filter(([name]) => trained(name) === which)
  ) as [[string, tf.Tensor][], [string, tf.Tensor][]];
  tf.dispose(others.map(([, tensor]) => tensor));
  return fromNamedTensors(kept) as EncoderParameters;
}

async function cachedPrefix(
  setup: TrainingSetup,
  { encoder, student, input, compute, free, folder }: PrefixAtSize & {
    readonly compute: (images: tf.Tensor4D) => Promise<tf.Tensor4D | tf.Tensor3D>;
    readonly free: () => void;
  },
): Promise<PrefixSource> {
  const { recipe, images, plan } = setup, { featureCache } = recipe;
  const shape = prefixShape(encoder, { student, input }),
    width = shape.reduce((size, axis) => size * axis, 1);
  await Deno.mkdir(folder, { recursive: true });
  const table = {
    views: plan.views ?? 1,
    images: images.count,
    width,
    precision: typeof featureCache === "object" ? featureCache.precision : undefined,
  };
  const key = {
    version: await featureVersion(),
    ...viewsKey(setup),
    prefix: [student.encoder, student.freeze, input, await digestOf(encoder)],
    computed: [recipe.mode === "eager", compiledPrecision(recipe), recipe.precision === "tf32"],
  };
  const cache = openFeatureCache({ folder, key, ...table });
  const bytes = featureCacheBytes(table), held = 512 * (Deno.statSync(cache.path).blocks ?? 0);
  const kept = { bytes, missing: Math.max(0, bytes - held) };
  await assertSpace(kept.missing, folder);
  return {
    kept,
    async compute(views, { view, indices }) {
      const { features, missing } = cache.read(view, indices);
      if (missing.length > 0) {
        const output = await compute(await views());
        const computed = await output.data<"float32">();
        output.dispose();
        cache.write(view, indices, computed, missing, features);
      }
      const rows = tf.tensor2d(features, [indices.length, width]);
      const tensor = tf.reshape(rows, [indices.length, ...shape]);
      rows.dispose();
      return tensor as tf.Tensor4D | tf.Tensor3D;
    },
    dispose() {
      free();
      cache[Symbol.dispose]();
    },
  };
}

/** Shape of what the frozen stages give of one image. */
function prefixShape(
  encoder: EncoderParameters,
  { student: { encoder: config, freeze = 0 }, input: { size } }: SizedStudent,
): number[] {
  return tf.tidy(() =>
    encoderPrefix(encoder, tf.zeros<tf.Rank.R4>([1, size, size, 3]), config, freeze).shape.slice(1)
  );
}

async function digestOf(encoder: EncoderParameters): Promise<string> {
  const hash = createHash("sha256");
  for (const [name, tensor] of namedTensors(encoder)) {
    const { buffer, byteOffset, byteLength } = await tensor.data<"float32">();
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}
