/** Pooled outputs of several parts of a network, from which readouts are chosen and fitted. */
import * as tf from "@tensorflow/tfjs";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { UserError } from "../../errors/user_error.ts";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import type { FeatureMatrix } from "../../metrics/feature_matrix.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { partName, type ReadoutPart, readParts } from "../../teachers/readout/readout_backbone.ts";
import { mapImages } from "../features/map_batches.ts";
import { keptMatrices } from "../features/pooled_cache.ts";

/** One part of a network on many images. */
export interface PartFeatures {
  /** The image's token, or the mean of its patches where it has none, `[images, width]`. */
  readonly cls: FeatureMatrix;
  /** Mean over the patches of each image, `[images, width]`; absent where the part has none. */
  readonly patch?: FeatureMatrix | undefined;
  /** Mean of their squares, `[images, width]`. */
  readonly squares?: FeatureMatrix | undefined;
}

/** Computes parts of a network, all of them in one pass. */
export interface PartExtractor {
  /** Outputs by the name of the part, see {@linkcode partName}. All packs must have one canvas. */
  extract(
    pack: ImagePack,
    onProgress?: (done: number, total: number) => void,
  ): Promise<ReadonlyMap<string, PartFeatures>>;
  /** Frees what was compiled; the network stays. */
  dispose(): void;
}

/**
 * Compiles the parts of a network.
 *
 * @param options folder: keeps the outputs, see {@linkcode keptMatrices}, default: they are not kept;
 * batchSize: images that the network sees at once, default 64.
 * @throws {UserError} from `extract`, where an output is not finite.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { openModel } from "@hashigo/hashigo/evaluation";
 * import { openClassificationTask } from "../tasks/classification_task.ts";
 * import { partExtractor } from "./part_features.ts";
 * await startEngine();
 * const { backbone } = await openModel("resnet20_cifar10");
 * const task = await openClassificationTask("digits", { canvas: 32, limit: 20 });
 * const extractor = partExtractor(backbone, [{ stage: "last" }, { stage: 0 }]);
 * const parts = await extractor.extract(task.train);
 * if (parts.get("0")?.cls.width !== 16) throw new Error("The stem has 16 channels");
 * extractor.dispose();
 * task.close();
 * backbone.dispose();
 * ```
 */
export function partExtractor(
  backbone: Backbone,
  parts: readonly ReadoutPart[],
  options: { readonly folder?: string | undefined; readonly batchSize?: number | undefined } = {},
): PartExtractor {
  const { folder, batchSize = 64 } = options;
  const compiled = compileLazily((pixels: tf.Tensor4D) => poolParts(backbone, pixels, parts), {
    mode: backbone.mode ?? "graph",
    name: `stages of ${backbone.name}`,
  });
  const names = parts.map(partName);
  const identity = JSON.stringify([names, backbone.predictor?.digest ?? null]);
  return {
    async extract(pack, onProgress) {
      const compute = () => mapImages<string>(pack, compiled, { batchSize, onProgress });
      const matrices = folder === undefined
        ? await compute()
        : await keptMatrices({ backbone, pack, folder, parts: identity, onProgress }, compute);
      if (!Object.values(matrices).every((matrix) => matrix?.features.every(Number.isFinite))) {
        throw new UserError(
          `Cannot choose a readout of "${backbone.name}": its stages on ${pack.count} images are not ` +
            "all finite numbers. Its weights may be damaged: train or fetch it again.",
        );
      }
      return new Map(names.map((name, i) => [name, {
        cls: matrices[`${i} cls`]!,
        patch: matrices[`${i} patch`],
        squares: matrices[`${i} squares`],
      }]));
    },
    dispose: compiled.dispose,
  };
}

/** Rows `[batch, width]` by number and kind of the part. */
function poolParts(
  backbone: Backbone,
  pixels: tf.Tensor4D,
  parts: readonly ReadoutPart[],
): Record<string, tf.Tensor2D> {
  const rows: Record<string, tf.Tensor2D> = {};
  readParts(backbone, tf.div(pixels, 255), parts).forEach(({ cls, patch }, i) => {
    rows[`${i} cls`] = cls ?? tf.mean<tf.Tensor2D>(patch!, 1);
    if (patch === undefined) return;
    rows[`${i} patch`] = tf.mean<tf.Tensor2D>(patch, 1);
    rows[`${i} squares`] = tf.mean<tf.Tensor2D>(tf.square(patch), 1);
  });
  return rows;
}
