import type * as tf from "@tensorflow/tfjs";
import type { TfliteLayer } from "../../weights/tflite_tensors.ts";
import { mobileNetV2, type MobileNetV2Parameters, mobileNetV2Parameters } from "./mobilenet_v2.ts";

/**
 * Computes the last feature map of DeepLab v3 (Chen et al., 2017) on MobileNetV2 without its head: the
 * last three blocks are dilated, which keeps 16 pixels per place. The segmentation head is left out.
 *
 * @param parameters From {@link deepLabV3Parameters}.
 * @param images `[batch, height, width, 3]`, preprocessed.
 * @returns `[batch, ceil(height / 16), ceil(width / 16), 320]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const teacher = await loadTeacher("deeplab_v3_voc", { inputSize: 64 });
 * const { patch } = teacher.features(tf.ones([1, 64, 64, 3]));
 * if (patch?.shape.join() !== "1,16,320") throw new Error();
 * ```
 */
export function deepLabV3(parameters: MobileNetV2Parameters, images: tf.Tensor4D): tf.Tensor4D {
  return mobileNetV2(parameters, images, { outputStride: 16 });
}

/**
 * Takes parameters from the layers of a TensorFlow Lite file.
 *
 * @throws {UserError} Where the layers are not those of DeepLab v3 on MobileNetV2.
 *
 * @example
 * ```ts
 * import { deepLabV3Parameters } from "./deeplab_v3.ts";
 * let refused = false;
 * try {
 *   deepLabV3Parameters([]);
 * } catch {
 *   refused = true;
 * }
 * if (!refused) throw new Error("No layers, no network");
 * ```
 */
export function deepLabV3Parameters(layers: readonly TfliteLayer[]): MobileNetV2Parameters {
  return mobileNetV2Parameters(layers, { outputStride: 16, head: false });
}
