/** Frozen features of many images. */
import * as tf from "@tensorflow/tfjs";
import type { ImagePack } from "../images/pack_file.ts";
import type { Teacher } from "../teachers/teacher.ts";
import { UserError } from "../user_error.ts";
import { compileOnFirstCall } from "./compile_on_first_call.ts";
import { mapImages } from "./map_images.ts";

/** What of a network's output is measured. */
export type FeatureKind = "cls" | "patch" | "cls+patch";

/** A network that is compiled for images of one size. */
export interface FeatureExtractor {
  /**
   * Features `[images, width]` of the pack, row-major, in its order. All packs must have one canvas.
   */
  extract(
    pack: ImagePack,
    options?: { readonly onProgress?: (done: number, total: number) => void },
  ): Promise<{ features: Float32Array; width: number }>;
  /** Frees what was compiled; the network stays. */
  dispose(): void;
}

/**
 * Compiles a network for extracting features, in the mode that suits it.
 *
 * @param options feature: the CLS token (default), the mean of the patch tokens, or both, each of
 * unit length, side by side. A network without the one gives the other. batchSize: default 64.
 * @throws {UserError} from `extract`, where a feature is not finite.
 *
 * @example
 * ```ts
 * import { featureExtractor, openEncoder, openEvaluationTask, startEngine } from "@hashigo/hashigo";
 * await startEngine();
 * const { network } = await openEncoder("pixels");
 * const task = await openEvaluationTask("digits", { canvas: 32, limit: 20 });
 * const extractor = featureExtractor(network);
 * const { features, width } = await extractor.extract(task.test);
 * if (features.length !== 20 * width) throw new Error("One row for each image");
 * extractor.dispose();
 * task.close();
 * ```
 */
export function featureExtractor(
  network: Teacher,
  options: { readonly feature?: FeatureKind; readonly batchSize?: number } = {},
): FeatureExtractor {
  const { feature = "cls", batchSize = 64 } = options;
  const compiled = compileOnFirstCall(
    (pixels: tf.Tensor4D) => chooseFeature(network, pixels, feature),
    { mode: network.mode ?? "graph", name: `features of ${network.name}` },
  );
  return {
    async extract(pack, { onProgress } = {}) {
      const { features, width } = await mapImages(pack, compiled, {
        batchSize,
        ...(onProgress === undefined ? {} : { onProgress }),
      });
      if (features.every(Number.isFinite)) return { features, width };
      throw new UserError(
        `Cannot measure "${network.name}": its features of ${pack.count} images are not all finite ` +
          "numbers. Its weights may be damaged, or its run diverged: train or fetch it again.",
      );
    },
    dispose: compiled.dispose,
  };
}

/** Pixels `[batch, canvas, canvas, 3]` (0 to 255) to features `[batch, width]`. */
function chooseFeature(network: Teacher, pixels: tf.Tensor4D, kind: FeatureKind): tf.Tensor2D {
  const { cls, patch } = network.features(tf.div(pixels, 255));
  const mean = patch === undefined ? undefined : tf.mean<tf.Tensor2D>(patch, 1);
  const only = cls === undefined ? mean : mean === undefined ? cls : undefined;
  if (only !== undefined) return only;
  if (cls !== undefined && kind === "cls") return cls;
  if (mean !== undefined && kind === "patch") return mean;
  if (cls === undefined || mean === undefined) {
    throw new UserError(`Cannot measure "${network.name}": it gives no features`);
  }
  return tf.concat([unitLength(cls), unitLength(mean)], 1);
}

function unitLength(rows: tf.Tensor2D): tf.Tensor2D {
  return tf.div(rows, tf.maximum(tf.sqrt(tf.sum(tf.square(rows), 1, true)), 1e-12));
}
