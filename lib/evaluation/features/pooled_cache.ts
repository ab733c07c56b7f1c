/** Pooled features in files, kept for the next metric and for the next evaluation. */
import { createHash } from "node:crypto";
import { writeFileAtomic } from "../../io/atomic_file.ts";
import { cacheFolder } from "../../io/user_cache.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { type FeatureVersion, featureVersion } from "../../teachers/feature_version.ts";
import { decodeSafetensors, encodeSafetensors } from "../../weights/safetensors/safetensors.ts";
import type { FeatureMatrix } from "../../metrics/feature_matrix.ts";
import type { FeatureExtractor } from "./pooled.ts";

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
  return {
    extract: (pack, options = {}) =>
      keptMatrices(
        { backbone, pack, folder, version, onProgress: options.onProgress },
        async () => {
          return { ...await extractor.extract(pack, options) };
        },
      ),
    dispose: () => extractor.dispose(),
  };
}

/** What kept matrices are of. */
export interface KeptMatrices {
  /** The network; of one without a digest nothing is kept. */
  readonly backbone: Backbone;
  readonly pack: ImagePack;
  readonly folder: string;
  /** Which outputs of the network they are, where they are not its features. */
  readonly parts?: string | undefined;
  /** Of what computes features. Default: of this process. */
  readonly version?: (() => Promise<FeatureVersion>) | undefined;
  /** Told that all is done, where they were kept. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Matrices `[images, width]` by name, from their file where there is a whole one, else computed and kept. */
export async function keptMatrices(
  { backbone, pack, folder, parts, version = featureVersion, onProgress }: KeptMatrices,
  compute: () => Promise<NamedMatrices>,
): Promise<NamedMatrices> {
  if (backbone.digest === "") return await compute();
  const path = `${folder}/${cacheKey(backbone, pack, await version(), parts)}.safetensors`;
  const kept = await readMatrices(path, pack.count);
  if (kept !== undefined) {
    onProgress?.(pack.count, pack.count);
    return kept;
  }
  const matrices = await compute();
  await Deno.mkdir(folder, { recursive: true });
  await writeFileAtomic(path, encodeMatrices(matrices));
  return matrices;
}

type NamedMatrices = { readonly [name: string]: FeatureMatrix | undefined };

/** Everything that pooled features depend on. */
function cacheKey(
  { digest, input, mode }: Backbone,
  pack: ImagePack,
  { features, library }: FeatureVersion,
  outputs: string | undefined,
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
    ...outputs === undefined ? [] : [outputs],
  ];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function encodeMatrices(matrices: NamedMatrices): Uint8Array {
  const tensors = Object.entries(matrices).flatMap(([name, matrix]) => {
    if (matrix === undefined) return [];
    const shape = [matrix.features.length / matrix.width, matrix.width];
    return [[name, { shape, data: matrix.features }] as const];
  });
  const sums = tensors.map(([name, { data }]) => [name, checksum(data)] as const);
  return encodeSafetensors(new Map(tensors), Object.fromEntries(sums));
}

/** Undefined where there is no file, or it is not whole. */
async function readMatrices(path: string, images: number): Promise<NamedMatrices | undefined> {
  const bytes = await Deno.readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    const { tensors, metadata } = decodeSafetensors(bytes, { source: path });
    const matrices = [...tensors].map(([name, { shape, data }]) => {
      const [rows, width] = shape;
      if (!(data instanceof Float32Array) || rows !== images || !width) throw new Error("foreign");
      if (checksum(data) !== metadata[name]) throw new Error("damaged");
      return [name, { features: data, width }] as const;
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
