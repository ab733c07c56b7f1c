/** One layer of a convolutional network: its shape as plain data, its parameters, and what it computes. */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../../tensors/random.ts";
import type { ShapesOf } from "../../tensors/shapes.ts";
import {
  type NativeConvolution,
  nativeConvolution,
  nativeDepthwise,
} from "./native_convolution.ts";

/** Shape of a convolution. */
export interface ConvolutionLayer {
  /** Whether each channel is filtered by itself; then `outputs` equals `inputs`. Default false. */
  readonly depthwise?: boolean;
  /** Side of the filter in pixels. */
  readonly kernel: number;
  /** Channels that come in. */
  readonly inputs: number;
  /** Channels that go out. */
  readonly outputs: number;
  /** Pixels between outputs. Default 1. */
  readonly stride?: number;
  /** Pixels between the weights of a depthwise filter. Default 1. */
  readonly dilation?: number;
  /** Function of each output. Default "linear". */
  readonly activation?: "linear" | "relu" | "relu6";
  /** Zeros around the image: TensorFlow's rule, or PyTorch's. Default "same". */
  readonly padding?: "same" | "symmetric";
}

/** Parameters of a convolution. */
export type ConvolutionParameters = NativeConvolution & {
  /** Factor of each output channel's weights, `[outputs]`, where batch norm's scale is kept apart. */
  readonly scale?: tf.Tensor1D;
};

/** Options of {@linkcode initConvolutionLayer} and {@linkcode convolutionLayerShapes}. */
export interface ConvolutionLayerOptions {
  /** Whether weights have a factor for each output channel. Default false. */
  readonly scaled?: boolean | undefined;
}

/**
 * Computes a layer: `activation(images * (weight * scale) + bias)`.
 *
 * @param images `[batch, height, width, inputs]`.
 * @returns `[batch, ceil(height / stride), ceil(width / stride), outputs]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { convolutionLayer, initConvolutionLayer } from "./convolution_layer.ts";
 * await startEngine();
 * const layer = { kernel: 3, inputs: 3, outputs: 8, stride: 2 };
 * const map = convolutionLayer(initConvolutionLayer(layer, randomStream(0)), tf.ones([1, 5, 5, 3]), layer);
 * if (map.shape.join() !== "1,3,3,8") throw new Error("Expected half the size");
 * ```
 */
export function convolutionLayer(
  { weight, bias, scale }: ConvolutionParameters,
  images: tf.Tensor4D,
  { depthwise = false, stride, dilation, activation, padding }: ConvolutionLayer,
): tf.Tensor4D {
  const parameters = { weight: scale === undefined ? weight : scaledWeight(weight, scale), bias };
  return depthwise
    ? nativeDepthwise(parameters, images, { stride, dilation, activation })
    : nativeConvolution(parameters, images, { stride, activation, padding });
}

/**
 * Weights times a factor of each output channel, which is the last axis of a full weight and the one before it
 * of a depthwise one.
 */
export function scaledWeight(weight: tf.Tensor4D, scale: tf.Tensor1D): tf.Tensor4D {
  return tf.mul(weight, weight.shape[3] === scale.size ? scale : tf.reshape(scale, [-1, 1]));
}

/**
 * Parameters of a layer from scratch: normal, of the deviation that keeps the size of activations
 * (He et al., ICCV 2015, equations 10 and 14), zero biases and scales of 1.
 *
 * @param options zero: whether the layer ends a residual branch, which then begins at zero: the network
 *   has no batch norm to tame a sum of many branches.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initConvolutionLayer } from "./convolution_layer.ts";
 * await startEngine();
 * const { weight } = initConvolutionLayer({ kernel: 1, inputs: 4, outputs: 8 }, randomStream(0));
 * if (weight.shape.join() !== "1,1,4,8") throw new Error("Expected [height, width, in, out]");
 * ```
 */
export function initConvolutionLayer(
  layer: ConvolutionLayer,
  random: RandomStream,
  options: ConvolutionLayerOptions & { readonly zero?: boolean } = {},
): ConvolutionParameters {
  const { weight, bias, scale } = convolutionLayerShapes(layer, options);
  const [height, width, inputs, outputs] = weight;
  const fanIn = height * width * (layer.depthwise === true ? 1 : inputs);
  const gain = (layer.activation ?? "linear") === "linear" ? 1 : 2;
  const deviation = options.zero === true ? 0 : Math.sqrt(gain / fanIn);
  const values = random.normal(height * width * inputs * outputs);
  return {
    weight: tf.tensor4d(values.map((value) => value * deviation), [...weight]),
    bias: tf.zeros([...bias]),
    // Absent rather than undefined: each key is a tensor.
    ...scale && { scale: tf.ones<tf.Rank.R1>([...scale]) },
  };
}

/** Shapes of {@linkcode initConvolutionLayer}. */
export function convolutionLayerShapes(
  { depthwise = false, kernel, inputs, outputs }: ConvolutionLayer,
  { scaled = false }: ConvolutionLayerOptions = {},
): ShapesOf<ConvolutionParameters> {
  return {
    weight: depthwise ? [kernel, kernel, inputs, 1] : [kernel, kernel, inputs, outputs],
    bias: [outputs],
    // Absent rather than undefined: each key is a tensor of the file.
    ...scaled && { scale: [outputs] as const },
  };
}
