/** Clusters of images by what a teacher sees in them, kept in the cache. */
import * as tf from "@tensorflow/tfjs";
import { createHash } from "node:crypto";
import { z } from "zod";
import { compileLazily } from "../../engine/compile_lazily.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { jsonArtifact } from "../../io/json_artifact.ts";
import type { Work } from "../../io/progress_line.ts";
import { cacheFolder } from "../../io/user_cache.ts";
import { type FeatureMatrix, unitRows } from "../../metrics/feature_matrix.ts";
import { kMeans } from "../../metrics/representation/k_means.ts";
import type { Teacher } from "../../teachers/backbone.ts";
import { featureVersion } from "../../teachers/feature_version.ts";
import type { RandomStream } from "../../tensors/random.ts";

/** Version of the files. */
const format = 1;

/** Images that the teacher sees at once. */
const batchSize = 32;

const artifact = jsonArtifact<number[]>({
  noun: "clusters of images",
  schema: z.array(z.int().min(0)),
  advice: "Remove the file; it is made again",
});

/** How images are grouped. */
export interface ClusterOptions {
  readonly clusters: number;
  readonly seed: number;
  readonly random: RandomStream;
  readonly onWork?: ((work: Work) => void) | undefined;
}

/**
 * The cluster of each image: k-means of the teacher's features of whole images, at unit length. They take
 * one pass of the teacher, whose outcome is kept for every run of the same images, teacher and seed.
 *
 * @returns `[images]`
 */
export async function clustersOf(
  images: ImagePack,
  teacher: Teacher,
  { clusters, seed, random, onWork }: ClusterOptions,
): Promise<readonly number[]> {
  const parts = [format, await featureVersion(), images.digest, teacher.digest, clusters, seed];
  const name = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
  const folder = cacheFolder("subsets");
  const path = `${folder}/${name}.json`;
  const kept = await artifact.read(path);
  if (kept?.length === images.count) return kept;
  const features = await featuresOf(images, teacher, onWork);
  const { assignments } = await kMeans(
    { features: unitRows(features), width: features.width },
    { clusters, random },
  );
  await Deno.mkdir(folder, { recursive: true });
  await artifact.write(path, [...assignments]);
  return [...assignments];
}

/** CLS of every image, or the mean of its patches where the teacher has none, `[images, width]`. */
async function featuresOf(
  images: ImagePack,
  teacher: Teacher,
  onWork: ClusterOptions["onWork"],
): Promise<FeatureMatrix> {
  const { count, canvas } = images, { width } = teacher;
  const features = new Float32Array(count * width);
  const compute = compileLazily((pixels: tf.Tensor4D) => {
    const { cls, patch } = teacher.features(tf.div(pixels, 255));
    return cls ?? tf.mean<tf.Tensor2D>(patch!, 1);
  }, { mode: teacher.mode ?? "graph", name: `clusters by ${teacher.name}` });
  try {
    for (let from = 0; from < count; from += batchSize) {
      // Every batch has one shape: the last is filled up with the last image.
      const places = Array.from({ length: batchSize }, (_, i) => Math.min(from + i, count - 1));
      const pixels = tf.tensor4d(
        Float32Array.from(images.read(places)),
        [batchSize, canvas, canvas, 3],
      );
      const output = await compute(pixels);
      const rows = Math.min(batchSize, count - from);
      features.set((await output.data<"float32">()).subarray(0, rows * width), from * width);
      tf.dispose([pixels, output]);
      onWork?.({
        stage: `clusters by ${teacher.name}`,
        done: from + rows,
        total: count,
        unit: "images",
      });
    }
  } finally {
    compute.dispose();
  }
  return { features, width };
}
