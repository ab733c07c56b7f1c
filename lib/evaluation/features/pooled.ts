/** Frozen features of many images. */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import type { FeatureMatrix } from "../../metrics/representation/feature_matrix.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { UserError } from "../../errors/user_error.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { mapImages } from "./map_batches.ts";

/** What of a network's output is measured. */
export type FeatureKind = "cls" | "patch" | "cls+patch";

/** Each image in one row per kind of token: its CLS token, and the mean of its patch tokens. */
export interface PooledFeatures {
  /** `[images, width]`; absent where the network has no CLS token. */
  readonly cls?: FeatureMatrix;
  /** `[images, width]`; absent where the network has no patch tokens. */
  readonly patch?: FeatureMatrix;
}

/** A network that is compiled for images of one size. */
export interface FeatureExtractor {
  /** Features of the pack, in its order. All packs must have one canvas. */
  extract(
    pack: ImagePack,
    options?: { readonly onProgress?: (done: number, total: number) => void },
  ): Promise<PooledFeatures>;
  /** Frees what was compiled; the network stays. */
  dispose(): void;
}

/**
 * Compiles a network for extracting features, in the mode that suits it.
 *
 * @param options batchSize: default 64.
 * @throws {UserError} from `extract`, where a feature is not finite.
 *
 * @example
 * ```ts
 * import { featureExtractor, openModel, openEvaluationTask, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const { backbone } = await openModel("pixels");
 * const task = await openEvaluationTask("digits", { canvas: 32, limit: 20 });
 * const extractor = featureExtractor(backbone);
 * const { cls } = await extractor.extract(task.test);
 * if (!cls || cls.features.length !== 20 * cls.width) throw new Error("One row for each image");
 * extractor.dispose();
 * task.close();
 * ```
 */
export function featureExtractor(
  backbone: Backbone,
  options: { readonly batchSize?: number } = {},
): FeatureExtractor {
  const { batchSize = 64 } = options;
  const compiled = compileLazily((pixels: tf.Tensor4D) => pool(backbone, pixels), {
    mode: backbone.mode ?? "graph",
    name: `features of ${backbone.name}`,
  });
  return {
    async extract(pack, { onProgress } = {}) {
      const found = await mapImages<"cls" | "patch">(pack, compiled, { batchSize, onProgress });
      const finite = [found.cls, found.patch].every((one) =>
        one?.features.every(Number.isFinite) ?? true
      );
      if (finite) return found;
      throw new UserError(
        `Cannot measure "${backbone.name}": its features of ${pack.count} images are not all finite ` +
          "numbers. Its weights may be damaged, or its run diverged: train or fetch it again.",
      );
    },
    dispose: compiled.dispose,
  };
}

/** Pixels `[batch, canvas, canvas, 3]` (0 to 255) to rows `[batch, width]`. */
function pool(backbone: Backbone, pixels: tf.Tensor4D): { cls?: tf.Tensor2D; patch?: tf.Tensor2D } {
  const { cls, patch } = backbone.features(tf.div(pixels, 255));
  return {
    ...(cls === undefined ? {} : { cls }),
    ...(patch === undefined ? {} : { patch: tf.mean<tf.Tensor2D>(patch, 1) }),
  };
}

/**
 * The feature that is measured: the CLS token, the mean of the patch tokens, or both, each of unit
 * length, side by side. A network without the one gives the other.
 *
 * @throws {UserError} where there are no features at all.
 *
 * @example
 * ```ts
 * import { chooseFeature } from "@hashigo/hashigo";
 * const cls = { features: Float32Array.of(3, 4), width: 2 };
 * const both = chooseFeature({ cls, patch: cls }, "cls+patch");
 * if (both.width !== 4 || Math.abs(both.features[2]! - 0.6) > 1e-6) throw new Error("Unit length");
 * ```
 */
export function chooseFeature({ cls, patch }: PooledFeatures, kind: FeatureKind): FeatureMatrix {
  if (cls !== undefined && (kind === "cls" || patch === undefined)) return cls;
  if (patch !== undefined && (kind === "patch" || cls === undefined)) return patch;
  if (cls === undefined || patch === undefined) {
    throw new UserError(
      "Cannot measure a network that gives neither a CLS token nor patch tokens.",
    );
  }
  const images = cls.features.length / cls.width;
  const width = cls.width + patch.width;
  const features = new Float32Array(images * width);
  for (let image = 0; image < images; image++) {
    [cls, patch].forEach((one, i) => {
      const row = one.features.subarray(image * one.width, (image + 1) * one.width);
      const length = Math.max(Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)), 1e-12);
      features.set(row.map((value) => value / length), image * width + i * cls.width);
    });
  }
  return { features, width };
}
