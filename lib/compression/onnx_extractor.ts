/** Features of an exported file, by the runtime that will run it. */
import * as tf from "@tensorflow/tfjs";
import { mapImages } from "../evaluation/features/map_batches.ts";
import type { FeatureExtractor } from "../evaluation/features/pooled.ts";
import type { OnnxRuntime, OnnxSession } from "../export/onnx/runtime.ts";
import type { Backbone } from "../teachers/backbone.ts";
import { preprocess } from "../teachers/preprocess.ts";

/** Images that the runtime sees at once. */
const batchSize = 32;

/**
 * Extracts the features that an ONNX file gives of images, prepared as for the student that it is of.
 *
 * @param session of a file that takes prepared images; it stays the caller's
 * @param student whose input the file has
 */
export function onnxExtractor(
  runtime: OnnxRuntime,
  session: OnnxSession,
  { input, width }: Pick<Backbone, "input" | "width">,
): FeatureExtractor {
  const compute = async (pixels: tf.Tensor4D) => {
    const prepared = tf.tidy(() =>
      tf.transpose(preprocess(tf.div(pixels, 255), input), [0, 3, 1, 2])
    );
    const values = await prepared.data<"float32">();
    prepared.dispose();
    const { cls, patch } = await session.run(runtime.feedPrepared(values, input.size));
    const batch = pixels.shape[0], places = patch?.data as Float32Array;
    return {
      cls: tf.tensor2d(cls?.data as Float32Array, [batch, width]),
      patch: tf.tidy(() =>
        tf.mean<tf.Tensor2D>(tf.reshape<tf.Rank.R3>(tf.tensor1d(places), [batch, -1, width]), 1)
      ),
    };
  };
  return {
    extract: async (pack, { onProgress } = {}) =>
      await mapImages<"cls" | "patch">(pack, compute, { batchSize, onProgress }),
    dispose: () => {},
  };
}
