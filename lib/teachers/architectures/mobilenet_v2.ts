/**
 * MobileNetV2 (Sandler et al., CVPR 2018): inverted residuals with linear bottlenecks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  type FrozenConvolution,
  frozenConvolution,
  frozenDepthwiseConvolution,
} from "../../nn/frozen_convolution.ts";
import type { TfliteLayer } from "../../weights/tflite_tensors.ts";
import { type ExpectedLayer, expectLayer } from "./expected_layer.ts";

/** Expand `[1, 1, in, t * in]`, filter each channel 3 x 3, project `[1, 1, t * in, out]`. */
export type InvertedResidual = {
  readonly expand?: FrozenConvolution;
  readonly depthwise: FrozenConvolution;
  readonly project: FrozenConvolution;
};

/** Parameters of a backbone; without a head it ends with the 320 channels of the last block. */
export type MobileNetV2Parameters = {
  readonly stem: FrozenConvolution;
  readonly blocks: { readonly [index: string]: InvertedResidual };
  readonly head?: FrozenConvolution;
};

/** One block of the architecture: where it strides, and how far apart its filter's weights lie. */
export interface BlockPlan {
  /** Channels that come in. */
  readonly inputs: number;
  /** Channels that are filtered. */
  readonly hidden: number;
  /** Channels that go out. */
  readonly outputs: number;
  /** Pixels between the places of the filter, 1 or 2. */
  readonly stride: number;
  /** Pixels between the weights of the filter. */
  readonly dilation: number;
}

/** Table 2 of the paper: expansion, output channels, repeats, stride of the first. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const STEM = 32;
const HEAD = 1280;

/**
 * The 17 blocks. Where the network has reached `outputStride` pixels per place it strides no
 * further; later filters are dilated instead (DeepLab v3, section 3.1).
 *
 * @example
 * ```ts
 * import { mobileNetV2Blocks } from "./mobilenet_v2.ts";
 * const dilated = mobileNetV2Blocks(16).filter(({ dilation }) => dilation === 2);
 * if (dilated.length !== 3) throw new Error("The last three blocks are dilated");
 * ```
 */
export function mobileNetV2Blocks(outputStride: number): BlockPlan[] {
  const blocks: BlockPlan[] = [];
  let inputs: number = STEM;
  let reached = 2;
  let dilation = 1;
  for (const [expansion, outputs, repeats, first] of STAGES) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const fullStride = repeat === 0 ? first : 1;
      const stride = reached * fullStride > outputStride ? 1 : fullStride;
      blocks.push({ inputs, hidden: expansion * inputs, outputs, stride, dilation });
      // A stride that was left out spreads the filters of the blocks after it.
      dilation *= fullStride / stride;
      reached *= stride;
      inputs = outputs;
    }
  }
  return blocks;
}

/**
 * Computes the last feature map.
 *
 * @param parameters A backbone, with or without head.
 * @param images `[batch, height, width, 3]`, preprocessed.
 * @param options `outputStride`: pixels per place, 32 (default) or 16.
 * @returns `[batch, ceil(height / stride), ceil(width / stride), 1280]`, or 320 without head.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { loadTeacher } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const teacher = await loadTeacher("mobilenet_v2_imagenet", { inputSize: 32 });
 * const { cls } = teacher.features(tf.ones([1, 32, 32, 3]));
 * if (cls?.shape.join() !== "1,1280") throw new Error();
 * ```
 */
export function mobileNetV2(
  parameters: MobileNetV2Parameters,
  images: tf.Tensor4D,
  options: { readonly outputStride?: 16 | 32 } = {},
): tf.Tensor4D {
  const relu6 = { activation: "relu6" } as const;
  let x = frozenConvolution(parameters.stem, images, { stride: 2, ...relu6 });
  mobileNetV2Blocks(options.outputStride ?? 32).forEach((plan, index) => {
    const block = parameters.blocks[index];
    if (block === undefined) {
      throw new RangeError(`MobileNetV2 has no parameters of block ${index}`);
    }
    const { stride, dilation } = plan;
    let y = block.expand ? frozenConvolution(block.expand, x, relu6) : x;
    y = frozenDepthwiseConvolution(block.depthwise, y, { stride, dilation, ...relu6 });
    y = frozenConvolution(block.project, y);
    x = stride === 1 && plan.inputs === plan.outputs ? tf.add(x, y) : y;
  });
  return parameters.head ? frozenConvolution(parameters.head, x, relu6) : x;
}

/**
 * Takes parameters from the layers of a TensorFlow Lite file, each checked against the architecture.
 *
 * @param layers In the order in which they run; layers after the backbone are ignored.
 * @param options `outputStride` as in {@link mobileNetV2}; `head`: whether to take the last 1 x 1
 *   convolution to 1280 channels, default true.
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
  options: { readonly outputStride?: 16 | 32; readonly head?: boolean } = {},
): MobileNetV2Parameters {
  const rest = layers.values();
  const take = (expected: Omit<ExpectedLayer, "shape">, shape: number[]) =>
    expectLayer(rest.next().value, { ...expected, shape }, "MobileNetV2");
  const pointwise = (inputs: number, outputs: number, activation: string) =>
    take({ kind: "convolution", stride: 1, dilation: 1, activation }, [1, 1, inputs, outputs]);

  const first = { kind: "convolution", stride: 2, dilation: 1, activation: "RELU6" } as const;
  const stem = take(first, [3, 3, 3, STEM]);
  const blocks = mobileNetV2Blocks(options.outputStride ?? 32).map((plan) => {
    const { inputs, hidden, outputs, stride, dilation } = plan;
    const filter = { kind: "depthwise", stride, dilation, activation: "RELU6" } as const;
    // Layers that are not there must be absent: parameters are a tree of tensors.
    return {
      ...(hidden === inputs ? {} : { expand: pointwise(inputs, hidden, "RELU6") }),
      depthwise: take(filter, [3, 3, hidden, 1]),
      project: pointwise(hidden, outputs, "NONE"),
    };
  });
  return {
    stem,
    blocks: Object.fromEntries(blocks.entries()),
    ...(options.head === false ? {} : { head: pointwise(320, HEAD, "RELU6") }),
  };
}
