/**
 * Convolutions by TensorFlow's own kernels, with a bias and an activation. Batch normalisation of a pretrained
 * network was folded into weight and bias when it was read.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import {
  activate,
  type Activation,
  biasActivation,
  gradientsBy,
  pointwiseConvolution,
} from "./differentiable_convolution.ts";
import { plainConvolution, type PlainConvolutionOptions } from "./plain_convolution.ts";

/** Parameters of a convolution. */
export type NativeConvolution = {
  /** `[height, width, in, out]`, depthwise `[height, width, channels, 1]`. */
  readonly weight: tf.Tensor4D;
  /** `[out]` */
  readonly bias: tf.Tensor1D;
};

/**
 * Makes the parameters of a convolution from numbers on the host.
 *
 * @param weight Shape and numbers, row-major.
 * @param bias One number per output.
 * @param scale Factor of each output's weights, where it stays apart.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { convolutionParameters } from "./native_convolution.ts";
 * await startEngine();
 * const weight = { shape: [1, 1, 1, 2], data: Float32Array.of(3, 4) };
 * const { bias } = convolutionParameters(weight, new Float32Array(2));
 * if (bias.shape[0] !== 2) throw new Error();
 * ```
 */
export function convolutionParameters(
  weight: { readonly shape: readonly number[]; readonly data: Float32Array },
  bias: Float32Array,
  scale?: Float32Array,
): NativeConvolution & { readonly scale?: tf.Tensor1D } {
  const [height = 0, width = 0, inputs = 0, outputs = 0] = weight.shape;
  return {
    weight: tf.tensor4d(weight.data, [height, width, inputs, outputs]),
    bias: tf.tensor1d(bias),
    // Absent rather than undefined: each key is a tensor.
    ...scale && { scale: tf.tensor1d(scale) },
  };
}

/** Options of {@linkcode nativeConvolution} and {@linkcode nativeDepthwise}. */
export interface NativeConvolutionOptions {
  /** Pixels between outputs, default 1. */
  readonly stride?: number | undefined;
  /** Pixels between the weights of a depthwise convolution, default 1; then the stride is 1. */
  readonly dilation?: number | undefined;
  /** Function of each output; default `"linear"`. */
  readonly activation?: Activation | undefined;
  /**
   * Zeros around the image. `"same"` (default): TensorFlow's rule, just enough for
   * `ceil(size / stride)` outputs, the odd one on the right and below. `"symmetric"`: PyTorch's
   * `padding=(kernel - 1) / 2` on every side. They differ when an even size is strided.
   */
  readonly padding?: "same" | "symmetric" | undefined;
}

/**
 * Computes a convolution over all channels: `activation(images * weight + bias)`.
 *
 * @param parameters Weight `[height, width, in, out]` and bias `[out]`.
 * @param images `[batch, height, width, in]`.
 * @returns `[batch, ceil(height / stride), ceil(width / stride), out]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { nativeConvolution } from "./native_convolution.ts";
 * await startEngine();
 * const parameters = { weight: tf.ones<tf.Rank.R4>([3, 3, 1, 2]), bias: tf.zeros<tf.Rank.R1>([2]) };
 * const map = nativeConvolution(parameters, tf.ones([1, 5, 5, 1]), { stride: 2 });
 * if (map.shape.join() !== "1,3,3,2") throw new Error();
 * ```
 */
export function nativeConvolution(
  parameters: NativeConvolution,
  images: tf.Tensor4D,
  options: Omit<NativeConvolutionOptions, "dilation"> = {},
): tf.Tensor4D {
  const { stride = 1, activation = "linear", padding = "same" } = options;
  // At stride 1 the two rules are one.
  const own = padding === "same" || stride === 1, pad = own ? "same" : "valid";
  const x = own ? images : padded(images, parameters.weight.shape);
  return run(parameters, x, { stride, pad, activation, depthwise: false });
}

/**
 * Computes a convolution of each channel by itself, padded by TensorFlow's rule.
 *
 * @param parameters Weight `[height, width, channels, 1]` and bias `[channels]`.
 * @param images `[batch, height, width, channels]`.
 * @returns `[batch, ceil(height / stride), ceil(width / stride), channels]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { nativeDepthwise } from "./native_convolution.ts";
 * await startEngine();
 * const parameters = { weight: tf.ones<tf.Rank.R4>([3, 3, 2, 1]), bias: tf.zeros<tf.Rank.R1>([2]) };
 * const map = nativeDepthwise(parameters, tf.ones([1, 5, 5, 2]), { dilation: 2 });
 * if (map.shape.join() !== "1,5,5,2") throw new Error();
 * ```
 */
export function nativeDepthwise(
  parameters: NativeConvolution,
  images: tf.Tensor4D,
  options: Omit<NativeConvolutionOptions, "padding"> = {},
): tf.Tensor4D {
  const { stride = 1, dilation = 1, activation = "linear" } = options;
  if (dilation === 1) {
    return run(parameters, images, { stride, pad: "same", activation, depthwise: true });
  }
  // TensorFlow's own kernel has no dilation (that of oneDNN does). So every dilation-th pixel goes into
  // one of several smaller images, in which the pixels that the weights reach are neighbours.
  const [, height, width] = images.shape;
  const [filterHeight, filterWidth] = parameters.weight.shape;
  const rows = spread(height, filterHeight, dilation);
  const columns = spread(width, filterWidth, dilation);
  const block = [dilation, dilation];
  const x = tf.spaceToBatchND(images, block, [rows.padding, columns.padding]);
  const map = run(parameters, x, { stride: 1, pad: "valid", activation, depthwise: true });
  return tf.batchToSpaceND(map, block, [rows.crops, columns.crops]);
}

/** One convolution, as the engine computes its gradient best. */
function run(
  { weight: filter, bias }: NativeConvolution,
  x: tf.Tensor4D,
  options: PlainConvolutionOptions & { readonly activation: Activation },
): tf.Tensor4D {
  const { stride: strides, pad, activation, depthwise } = options;
  switch (gradientsBy()) {
    case "kernels": {
      const map = depthwise
        ? tf.depthwiseConv2d(x, filter, strides, pad)
        : filter.shape[0] === 1 && filter.shape[1] === 1 && strides === 1
        ? pointwiseConvolution(x, filter)
        : tf.conv2d(x, filter, strides, pad);
      return biasActivation(map, bias, activation);
    }
    case "tfjs": {
      const fused = { x, filter, strides, pad, bias, activation } as const;
      return depthwise ? tf.fused.depthwiseConv2d(fused) : tf.fused.conv2d(fused);
    }
    case "products":
      return activate(tf.add(plainConvolution(x, filter, options), bias), activation);
  }
}

/** Padding for as many outputs as inputs and a length that is a multiple of the dilation. */
function spread(size: number, kernel: number, dilation: number) {
  const reach = (kernel - 1) * dilation, before = Math.floor(reach / 2);
  const surplus = (dilation - (size + reach) % dilation) % dilation;
  return { padding: [before, reach - before + surplus], crops: [0, surplus] };
}

/** PyTorch's `padding=(kernel - 1) / 2` on every side. */
function padded(
  images: tf.Tensor4D,
  [height, width]: readonly [number, number, number, number],
): tf.Tensor4D {
  const rows = (height - 1) / 2, columns = (width - 1) / 2;
  return tf.pad(images, [[0, 0], [rows, rows], [columns, columns], [0, 0]]);
}
