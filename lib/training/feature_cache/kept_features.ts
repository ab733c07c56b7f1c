/** Features of the views of a run that are read where they are kept, and else computed and kept. */
import type * as tf from "@tensorflow/tfjs";
import type { HostBatch } from "../batch.ts";
import type { LazyViews } from "../lazy_views.ts";
import type { TrainingSetup } from "../setup.ts";
import { featureCacheBytes, type FeatureCacheOptions, openFeatureCache } from "./file.ts";

/** Bytes of features on the disk. */
export interface KeptBytes {
  /** Of all views of all images. */
  readonly bytes: number;
  /** Still to be written. */
  readonly missing: number;
}

/** Features of one frozen network. */
export interface KeptFeatures {
  readonly kept: KeptBytes;
  /** Numbers of a batch, `[batch, width]`, row-major. */
  read(
    views: LazyViews["get"],
    batch: Pick<HostBatch, "view" | "indices">,
  ): Promise<Float32Array>;
  /** Closes the file. */
  dispose(): void;
}

/**
 * Opens the file of a network's features for every view of the images of a run.
 *
 * @param options folder, key and width: as of {@linkcode openFeatureCache}
 * @param compute features of views, `[batch, …]`, `width` numbers for each
 */
export function openKeptFeatures(
  { recipe: { featureCache }, images, plan }: TrainingSetup,
  options: Pick<FeatureCacheOptions, "folder" | "key" | "width">,
  compute: (images: tf.Tensor4D) => Promise<tf.Tensor>,
): KeptFeatures {
  const precision = typeof featureCache === "object" ? featureCache.precision : undefined;
  const table = { ...options, views: plan.views ?? 1, images: images.count, precision };
  const cache = openFeatureCache(table), bytes = featureCacheBytes(table);
  return {
    kept: { bytes, missing: Math.max(0, bytes - allocatedBytes(cache.path)) },
    async read(views, { view, indices }) {
      const { features, missing } = cache.read(view, indices);
      if (missing.length > 0) {
        const output = await compute(await views());
        const computed = await output.data<"float32">();
        output.dispose();
        cache.write(view, indices, computed, missing, features);
      }
      return features;
    },
    dispose: () => cache[Symbol.dispose](),
  };
}

/** Bytes on the disk of a file that may have holes. */
function allocatedBytes(path: string): number {
  return 512 * (Deno.statSync(path).blocks ?? 0);
}
