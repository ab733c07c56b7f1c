/**
 * MobileNetV1 (Howard et al., 2017): depthwise filters, each followed by a mixing of channels.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import {
  type NativeConvolution,
  nativeConvolution,
  nativeDepthwise,
} from "../../nn/convolutional/native_convolution.ts";
import type { TfliteLayer } from "../../weights/tflite_tensors.ts";
import { type ExpectedLayer, expectLayer } from "./expected_layer.ts";

/** Filter each channel 3 x 3, then mix channels `[1, 1, in, out]`. */
export type SeparableConvolution = {
  readonly depthwise: NativeConvolution;
  readonly pointwise: NativeConvolution;
};

/** Parameters of a backbone of any width. */
export type MobileNetV1Parameters = {
  readonly stem: NativeConvolution;
  readonly blocks: { readonly [index: string]: SeparableConvolution };
};

/** Table 1 of the paper: output channels in units of the stem's, stride. */
const BLOCKS = [
  [2, 1],
  [4, 2],
  [4, 1],
  [8, 2],
  [8, 1],
  [16, 2],
  [16, 1],
  [16, 1],
  [16, 1],
  [16, 1],
  [16, 1],
  [32, 2],
  [32, 1],
] as const;

/**
 * Computes the last feature map.
 *
 * @param parameters A backbone.
 * @param images `[batch, height, width, 3]`, preprocessed.
 * @returns `[batch, ceil(height / 32), ceil(width / 32), width]`, 256 wide for the zoo's network.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const teacher = await loadTeacher("mobilenet_v1_imagenet");
 * const { patch } = teacher.features(tf.ones([1, 128, 128, 3]));
 * if (patch?.shape.join() !== "1,16,256") throw new Error();
 * ```
 */
export function mobileNetV1(parameters: MobileNetV1Parameters, images: tf.Tensor4D): tf.Tensor4D {
  const relu6 = { activation: "relu6" } as const;
  let x = nativeConvolution(parameters.stem, images, { stride: 2, ...relu6 });
  BLOCKS.forEach(([, stride], index) => {
    const block = parameters.blocks[index];
    if (block === undefined) {
      throw new RangeError(`MobileNetV1 has no parameters of block ${index}`);
    }
    x = nativeDepthwise(block.depthwise, x, { stride, ...relu6 });
    x = nativeConvolution(block.pointwise, x, relu6);
  });
  return x;
}

/**
 * Takes parameters from the layers of a TensorFlow Lite file, each checked against the architecture; the
 * stem's channels tell the width of all others.
 *
 * @param layers In the order in which they run; layers after the backbone are ignored.
 * @throws {UserError} Where the layers are not those of MobileNetV1.
 *
 * @example
 * ```ts
 * import { mobileNetV1Parameters } from "./mobilenet_v1.ts";
 * let refused = false;
 * try {
 *   mobileNetV1Parameters([]);
 * } catch {
 *   refused = true;
 * }
 * if (!refused) throw new Error("No layers, no network");
 * ```
 */
export function mobileNetV1Parameters(layers: readonly TfliteLayer[]): MobileNetV1Parameters {
  const rest = layers.values();
  const take = (kind: ExpectedLayer["kind"], stride: number, shape: readonly number[]) =>
    expectLayer(
      rest.next().value,
      { kind, stride, dilation: 1, activation: "RELU6", shape },
      "MobileNetV1",
    );
  // Without a first layer, the error names the paper's width.
  const unit = layers[0]?.weight.shape[3] ?? 32;
  const stem = take("convolution", 2, [3, 3, 3, unit]);
  let inputs = unit;
  const blocks = BLOCKS.map(([units, stride]) => {
    const outputs = units * unit;
    const depthwise = take("depthwise", stride, [3, 3, inputs, 1]);
    const pointwise = take("convolution", 1, [1, 1, inputs, outputs]);
    inputs = outputs;
    return { depthwise, pointwise };
  });
  return { stem, blocks: Object.fromEntries(blocks.entries()) };
}
