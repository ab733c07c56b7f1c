/** Reads MobileNetV2, and DeepLab v3 on it, from the layers of a TensorFlow Lite file. */
import { type MobileNetV2Config, mobileNetV2Stages } from "../../nn/convolutional/mobilenet_v2.ts";
import type { StagesParameters } from "../../nn/convolutional/network.ts";
import { layersOf } from "../../nn/convolutional/stage.ts";
import type { TfliteLayer } from "../../weights/tflite_tensors.ts";
import { expectLayer } from "./expected_layer.ts";

/** DeepLab v3 without its head: the last blocks are dilated, which keeps 16 pixels per place. */
export const deepLabV3 = { outputStride: 16, head: false } as const satisfies MobileNetV2Config;

/**
 * Takes parameters from the layers of a TensorFlow Lite file, each checked against the architecture.
 *
 * @param layers In the order in which they run; layers after the backbone are ignored.
 * @throws {UserError} Where the layers are not those of MobileNetV2.
 *
 * @example
 * ```ts
 * import { mobileNetV2Parameters } from "./mobilenet_v2.ts";
 * let refused = false;
 * try {
 *   mobileNetV2Parameters([]);
 * } catch {
 *   refused = true;
 * }
 * if (!refused) throw new Error("No layers, no network");
 * ```
 */
export function mobileNetV2Parameters(
  layers: readonly TfliteLayer[],
  config: MobileNetV2Config = {},
): StagesParameters {
  const rest = layers.values();
  const stages = mobileNetV2Stages(config).map((stage, i) => {
    const named = layersOf(stage).map(({ name, layer }) => {
      const { depthwise, kernel, inputs, outputs, stride = 1, dilation = 1, activation } = layer;
      const expected = {
        kind: depthwise === true ? "depthwise" : "convolution",
        stride,
        dilation,
        activation: activation === "relu6" ? "RELU6" : "NONE",
        shape: [kernel, kernel, inputs, depthwise === true ? 1 : outputs],
      } as const;
      return [name, expectLayer(rest.next().value, expected, "MobileNetV2")] as const;
    });
    return [`${i}`, Object.fromEntries(named)] as const;
  });
  return { stages: Object.fromEntries(stages) };
}
