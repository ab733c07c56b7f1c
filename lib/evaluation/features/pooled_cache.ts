/** Pooled features in files, kept for the next metric and for the next evaluation. */
import { createHash } from "node:crypto";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { cacheFolder } from "../../io/user_cache.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { type FeatureVersion, featureVersion } from "../../teachers/feature_version.ts";
import { decodeSafetensors, encodeSafetensors } from "../../weights/safetensors/safetensors.ts";
import type { FeatureExtractor, PooledFeatures } from "./pooled.ts";

/** Of the files. */
const format = 1;

/** Where features are kept unless another folder is named: in this user's cache. */
export function pooledFeatureFolder(): string {
  return cacheFolder("pooled_features");
}

/**
 * An extractor that keeps features in a folder, a file for each network and set of images, named by the
 * digests of both and by the versions of what computes. A damaged file is made anew. Features of a network without a digest are extracted
 * every time.
 *
 * @param version of what computes features; default: of this process.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { openModel } from "@hashigo/hashigo/evaluation";
 * import { featureExtractor } from "@hashigo/hashigo/evaluation";
 * import { openClassificationTask } from "../tasks/classification_task.ts";
 * import { cachedExtractor } from "./pooled_cache.ts";
 * await startEngine();
 * const { backbone } = await openModel("specialist_digits");
 * const task = await openClassificationTask("digits", { canvas: 32, limit: 20 });
 * const folder = await Deno.makeTempDir();
 * const extractor = cachedExtractor(featureExtractor(backbone), backbone, folder);
 * await extractor.extract(task.test);
 * if ([...Deno.readDirSync(folder)].length !== 1) throw new Error("Expected one file");
 * extractor.dispose();
 * task.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function cachedExtractor(
  extractor: FeatureExtractor,
  backbone: Backbone,
  folder: string,
  version: () => Promise<FeatureVersion> = featureVersion,
): FeatureExtractor {
  if (backbone.digest === "") return extractor;
  return {
    async extract(pack, options = {}) {
      const path = `${folder}/${cacheKey(backbone, pack, await version())}.safetensors`;
      const kept = await readPooled(path, pack.count);
      if (kept !== undefined) {
        options.onProgress?.(pack.count, pack.count);
        return kept;
      }
      const features = await extractor.extract(pack, options);
      await Deno.mkdir(folder, { recursive: true });
      await writeFileAtomic(path, encodePooled(features));
      return features;
    },
    dispose: () => extractor.dispose(),
  };
}

/** Everything that pooled features depend on. */
function cacheKey(
  { digest, input, mode }: Backbone,
  pack: ImagePack,
  { features, library }: FeatureVersion,
): string {
  const parts = [
    format,
    features,
    library,
    digest,
    input,
    mode ?? "graph",
    pack.canvas,
    pack.digest,
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function encodePooled(features: PooledFeatures): Uint8Array {
  const tensors = kinds.flatMap((kind) => {
    const matrix = features[kind];
    if (matrix === undefined) return [];
    const shape = [matrix.features.length / matrix.width, matrix.width];
    return [[kind, { shape, data: matrix.features }] as const];
  });
  const sums = tensors.map(([kind, { data }]) => [kind, checksum(data)] as const);
  return encodeSafetensors(new Map(tensors), Object.fromEntries(sums));
}

const kinds = ["cls", "patch"] as const;

/** Undefined where there is no file, or it is not whole. */
async function readPooled(path: string, images: number): Promise<PooledFeatures | undefined> {
  const bytes = await Deno.readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    const { tensors, metadata } = decodeSafetensors(bytes, { source: path });
    const matrices = kinds.flatMap((kind) => {
      const tensor = tensors.get(kind);
      const [rows, width] = tensor?.shape ?? [];
      if (!(tensor?.data instanceof Float32Array) || rows !== images || !width) return [];
      if (checksum(tensor.data) !== metadata[kind]) throw new Error("damaged");
      return [[kind, { features: tensor.data, width }] as const];
    });
    return matrices.length === 0 ? undefined : Object.fromEntries(matrices);
  } catch {
    return undefined;
  }
}

function checksum({ buffer, byteOffset, byteLength }: Float32Array): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return createHash("sha256").update(bytes).digest("hex");
}
