/** Features of the views of a run that are read where they are kept, and else computed and kept. */
import type * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { addressesOf, type HostBatch } from "../batch.ts";
import type { Rehearsal } from "../images/choose_images.ts";
import { addressSpace } from "../images/rehearsal.ts";
import type { LazyViews } from "../lazy_views.ts";
import type { TrainingSetup } from "../setup.ts";
import {
  type FeatureCache,
  featureCacheBytes,
  type FeatureCacheOptions,
  featureCachePath,
  openFeatureCache,
} from "./file.ts";

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

/** Which features are kept, and where. */
export interface KeptFeaturesOptions extends Pick<FeatureCacheOptions, "folder" | "width"> {
  /** Everything that the features of some images depend on. */
  readonly keyOf: (images: Pick<ImagePack, "digest" | "canvas" | "count">) => unknown;
}

/**
 * Opens the file of a network's features for every view of the images of a run. Of images of another run they are
 * taken from that run's file, as far as it is there and has them.
 *
 * @param compute features of views, `[batch, …]`, `width` numbers for each
 */
export function openKeptFeatures(
  { recipe: { featureCache }, images, plan, rehearsal }: TrainingSetup,
  { keyOf, ...options }: KeptFeaturesOptions,
  compute: (images: tf.Tensor4D) => Promise<tf.Tensor>,
): KeptFeatures {
  const precision = typeof featureCache === "object" ? featureCache.precision : undefined;
  const tableOf = (pack: Rehearsal["images"], views: number): FeatureCacheOptions => ({
    ...options,
    ...{ key: keyOf(pack), views, images: addressSpace(pack), precision },
  });
  const table = tableOf(images, plan.views ?? 1), cache = openFeatureCache(table);
  const before = rehearsal?.views === undefined
    ? undefined
    : openExisting(tableOf(rehearsal.images, rehearsal.views));
  const used = { ...table, images: images.count }, bytes = featureCacheBytes(used);
  const there = allocatedBytes(cache.path) +
    (before === undefined ? 0 : rehearsedBytes(images, before, used));
  return {
    kept: { bytes, missing: Math.max(0, bytes - there) },
    async read(views, { view, indices }) {
      const places = addressesOf(images, indices);
      const { features, missing } = cache.read(view, places);
      const left = before === undefined || view >= before.table.views
        ? missing
        : takeOver(before, cache, { view, places, features, missing });
      if (left.length > 0) {
        const output = await compute(await views());
        const computed = await output.data<"float32">();
        output.dispose();
        cache.write(view, places, computed, left, features);
      }
      return features;
    },
    dispose: () => {
      cache[Symbol.dispose]();
      before?.cache[Symbol.dispose]();
    },
  };
}

/** The file of another run. */
interface FormerCache {
  readonly cache: FeatureCache;
  readonly table: FeatureCacheOptions;
}

/** Opens a file that is there; the other run may have kept nothing, or its cache was cleaned. */
function openExisting(table: FeatureCacheOptions): FormerCache | undefined {
  const info = statOf(featureCachePath(table));
  return info === undefined ? undefined : { cache: openFeatureCache(table), table };
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Copies rows that another run has kept, also to the own file, so that it is whole.
 *
 * @returns the rows that are still missing
 */
function takeOver(
  { cache: before, table }: FormerCache,
  cache: FeatureCache,
  { view, places, features, missing }: {
    readonly view: number;
    readonly places: Uint32Array;
    readonly features: Float32Array;
    readonly missing: readonly number[];
  },
): number[] {
  const known = missing.filter((row) => places[row]! < table.images);
  const found = before.read(view, known.map((row) => places[row]!));
  const absent = new Set(found.missing.map((i) => known[i]!));
  const width = table.width, rows = known.filter((row) => !absent.has(row));
  const copied = new Float32Array(features.length);
  known.forEach((row, i) =>
    copied.set(found.features.subarray(i * width, (i + 1) * width), row * width)
  );
  cache.write(view, places, copied, rows, features);
  const taken = new Set(rows);
  return missing.filter((row) => !taken.has(row));
}

/** About what another run has kept of the images that are rehearsed. */
function rehearsedBytes(
  { addresses = new Int32Array() }: ImagePack,
  { cache, table }: FormerCache,
  { views, width }: FeatureCacheOptions,
): number {
  const rehearsed = addresses.filter((address) => address < table.images).length;
  const share = Math.min(1, allocatedBytes(cache.path) / featureCacheBytes(table));
  return share *
    featureCacheBytes({ views: Math.min(views, table.views), images: rehearsed, width });
}

/** Bytes on the disk of a file that may have holes. */
function allocatedBytes(path: string): number {
  return 512 * (Deno.statSync(path).blocks ?? 0);
}
