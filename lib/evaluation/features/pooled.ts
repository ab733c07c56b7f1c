/** Frozen features of many images, one row for each. */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../../images/packs/pack_file.ts";
import { type FeatureMatrix, joinUnitRows } from "../../metrics/feature_matrix.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import { UserError } from "../../errors/user_error.ts";
import { compileLazily } from "../../engine/compile_lazily.ts";
import { mapImages } from "./map_batches.ts";

/** Part of a network's output that is measured. */
export type FeatureKind = "cls" | "patch" | "cls+patch";

/** Each image in one row per kind of token: its CLS token, and the mean of its patch tokens. */
export interface PooledFeatures {
  /** `[images, width]`; absent where the network has no CLS token. */
  readonly cls?: FeatureMatrix | undefined;
  /** `[images, width]`; absent where the network has no patch tokens. */
  readonly patch?: FeatureMatrix | undefined;
}

/** A network that is compiled for images of one size. */
export interface FeatureExtractor {
  /** Features of the pack, in its order. All packs must have one canvas. */
  extract(
    pack: ImagePack,
    options?: { readonly onProgress?: ((done: number, total: number) => void) | undefined },
  ): Promise<PooledFeatures>;
  /** Frees what was compiled; the network stays. */
  dispose(): void;
}

/**
 * Compiles a network for extracting features, in the mode that suits it.
 *
 * @param options batchSize: images that the network sees at once, default 64.
 * @throws {UserError} from `extract`, where a feature is not finite.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { openModel } from "@hashigo/hashigo/evaluation";
 * import { featureExtractor } from "@hashigo/hashigo/evaluation";
 * import { openClassificationTask } from "../tasks/classification_task.ts";
 * await startEngine();
 * const { backbone } = await openModel("pixels");
 * const task = await openClassificationTask("digits", { canvas: 32, limit: 20 });
 * const extractor = featureExtractor(backbone);
 * const { cls } = await extractor.extract(task.test);
 * if (!cls || cls.features.length !== 20 * cls.width) throw new Error("One row for each image");
 * extractor.dispose();
 * task.close();
 * ```
 */
export function featureExtractor(
  backbone: Backbone,
  options: { readonly batchSize?: number | undefined } = {},
): FeatureExtractor {
  const { batchSize = 64 } = options;
  const compiled = compileLazily((pixels: tf.Tensor4D) => pool(backbone, pixels), {
    mode: backbone.mode ?? "graph",
    name: `features of ${backbone.name}`,
  });
  return {
    async extract(pack, { onProgress } = {}) {
      const pooled = await mapImages<"cls" | "patch">(pack, compiled, { batchSize, onProgress });
      const finite = [pooled.cls, pooled.patch].every((matrix) =>
        matrix?.features.every(Number.isFinite) ?? true
      );
      if (finite) return pooled;
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
  // Without the keys of what is absent: all outputs of a compiled function are tensors.
  return {
    ...(cls === undefined ? {} : { cls }),
    ...(patch === undefined ? {} : { patch: tf.mean<tf.Tensor2D>(patch, 1) }),
  };
}

/**
 * Chooses the feature that is measured: the CLS token, the mean of the patch tokens, or both, each of
 * unit length, side by side. Of a network without the one it is the other.
 *
 * @throws {UserError} where there are no features at all.
 *
 * @example
 * ```ts
 * import { chooseFeature } from "./pooled.ts";
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
      "Cannot measure a network that has neither a CLS token nor patch tokens.",
    );
  }
  return joinUnitRows([cls, patch]);
}
