/** What the frozen stages of a student give of a batch: computed at each step, or kept like features. */
import * as tf from "@tensorflow/tfjs";
import { compileByBatch } from "../engine/compile_by_batch.ts";
import { assertSpace } from "../io/disk_space.ts";
import { cacheFolder } from "../io/user_cache.ts";
import { frozenPrefix } from "../method/encoder_input.ts";
import { tensorsToHost } from "../method/state.ts";
import { stateDigest } from "../method/state_digest.ts";
import type { StudentParameters } from "../method/student.ts";
import { type EncoderParameters, encoderPrefix } from "../nn/encoder.ts";
import { isFrozen } from "../recipe/parameter_groups.ts";
import { resolutionShares } from "../recipe/resolutions.ts";
import { fromNamedTensors, type Layout, namedTensors, unflatten } from "../tensors/parameters.ts";
import { featureVersion } from "../teachers/feature_version.ts";
import { compiledPrecision } from "./arithmetic.ts";
import type { HostBatch } from "./batch.ts";
import { type KeptBytes, openKeptFeatures } from "./feature_cache/kept_features.ts";
import { viewsKey } from "./feature_cache/key.ts";
import { type SizedStudent, studentOf } from "./resolution.ts";
import type { TrainingSetup } from "./setup.ts";
import { inParts } from "./memory/in_parts.ts";
import type { LazyViews } from "./lazy_views.ts";

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
  const whole = compileByBatch(
    (images: tf.Tensor4D) => frozenPrefix(encoder, images, { student, input }),
    {
      mode: recipe.mode === "eager" ? "eager" : "graph",
      // As of views: bfloat16 is too coarse for colours.
      precision: "float32",
      name: "frozen stages",
    },
  );
  const compute = inParts(whole, recipe.optimization.accumulate ?? 1);
  const free = () => {
    whole.dispose();
    tf.dispose(namedTensors(encoder).map(([, tensor]) => tensor));
  };
  if (recipe.featureCache === false) {
    return { compute: async (views) => await compute(await views()), dispose: free };
  }
  return await cachedPrefix(setup, { ...sized, compute, free });
}

/** Copies of the parameters of the frozen stages. */
function frozenParameters(
  { student: { freeze = 0 } }: TrainingSetup,
  layout: Layout<StudentParameters>,
  parameters: tf.Tensor1D,
): EncoderParameters {
  const encoder = tf.tidy(() => unflatten(parameters, layout).encoder);
  const [kept, others] = [true, false].map((which) =>
    namedTensors(encoder).filter(([name]) => isFrozen(`encoder.${name}`, freeze) === which)
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
  const { recipe } = setup, shape = prefixShape(encoder, { student, input });
  const width = shape.reduce((size, axis) => size * axis, 1);
  await Deno.mkdir(folder, { recursive: true });
  const version = await featureVersion(), digest = stateDigest(await tensorsToHost(encoder));
  const features = openKeptFeatures(setup, {
    ...{ folder, width },
    keyOf: (images) => ({
      version,
      ...viewsKey({ ...setup, images }),
      prefix: [student.encoder, student.freeze, input, digest],
      computed: [recipe.mode === "eager", compiledPrecision(recipe), recipe.precision === "tf32"],
    }),
  }, compute);
  await assertSpace(features.kept.missing, folder);
  return {
    kept: features.kept,
    async compute(views, batch) {
      const read = await features.read(views, batch);
      return tf.tidy(() => {
        const rows: tf.Tensor = tf.tensor2d(read, [batch.indices.length, width]);
        return rows.reshape([batch.indices.length, ...shape]) as tf.Tensor4D | tf.Tensor3D;
      });
    },
    dispose() {
      free();
      features.dispose();
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
