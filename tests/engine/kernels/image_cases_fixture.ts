import * as tf from "@tensorflow/tfjs";
import { integers, type KernelCase, listed, numbers } from "./kernel_case_fixture.ts";

const image = numbers([2, 6, 6, 3]);
const volume = numbers([1, 4, 4, 4, 2]);
const none = "tfjs has none";
const boxes = listed([0, 0, 1, 1, 0, 0.1, 1, 1.1, 0.5, 0.5, 0.9, 0.9, 2, 2, 3, 3], [4, 4]);
const scores = listed([0.9, 0.75, 0.6, 0.95]);
const dataDependent = "the shape of the result depends on values";

function rank4(tensor: tf.Tensor): tf.Tensor4D {
  return tensor as tf.Tensor4D;
}

function rank5(tensor: tf.Tensor): tf.Tensor5D {
  return tensor as tf.Tensor5D;
}

export const imageCases: readonly KernelCase[] = [
  {
    kernels: ["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"],
    inputs: [image, numbers([3, 3, 3, 4], -1, 1, 7)],
    run: (x, filter) => tf.conv2d(rank4(x), rank4(filter), 2, "same"),
  },
  {
    kernels: ["Conv2D"],
    inputs: [image, numbers([2, 2, 3, 4], -1, 1, 7)],
    run: (x, filter) => tf.conv2d(rank4(x), rank4(filter), 1, "valid", "NHWC", [2, 2]),
    noGradient: "TensorFlow has no gradient of dilated convolutions on the CPU, nor has tfjs",
  },
  {
    kernels: ["FusedConv2D"],
    inputs: [image, numbers([3, 3, 3, 4], -1, 1, 7), numbers([4])],
    run: (x, filter, bias) =>
      tf.fused.conv2d({
        x: rank4(x),
        filter: rank4(filter),
        strides: 1,
        pad: "same",
        bias,
        activation: "relu",
      }),
    noGradient: "under a gradient tfjs calls the single ops instead",
  },
  {
    kernels: ["FusedDepthwiseConv2D"],
    inputs: [image, numbers([3, 3, 3, 2], -1, 1, 7), numbers([6])],
    run: (x, filter, bias) =>
      tf.fused.depthwiseConv2d({
        x: rank4(x),
        filter: rank4(filter),
        strides: 1,
        pad: "same",
        bias,
        activation: "relu6",
      }),
    noGradient: "under a gradient tfjs calls the single ops instead",
  },
  {
    kernels: [
      "DepthwiseConv2dNative",
      "DepthwiseConv2dNativeBackpropInput",
      "DepthwiseConv2dNativeBackpropFilter",
    ],
    inputs: [image, numbers([3, 3, 3, 2], -1, 1, 7)],
    run: (x, filter) => tf.depthwiseConv2d(rank4(x), rank4(filter), 1, "same"),
  },
  {
    kernels: ["Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"],
    inputs: [volume, numbers([2, 2, 2, 2, 3], -1, 1, 7)],
    run: (x, filter) => tf.conv3d(rank5(x), rank5(filter), 1, "same"),
  },
  {
    kernels: ["AvgPool", "AvgPoolGrad"],
    inputs: [image],
    run: (x) => tf.avgPool(rank4(x), 2, 2, "valid"),
  },
  {
    kernels: ["MaxPool", "MaxPoolGrad"],
    inputs: [image],
    run: (x) => tf.maxPool(rank4(x), 3, 2, "same"),
  },
  {
    kernels: ["AvgPool3D", "AvgPool3DGrad"],
    inputs: [volume],
    run: (x) => tf.avgPool3d(rank5(x), 2, 2, "valid"),
  },
  {
    kernels: ["MaxPool3D", "MaxPool3DGrad"],
    inputs: [volume],
    run: (x) => tf.maxPool3d(rank5(x), 2, 2, "valid"),
  },
  {
    kernels: ["Dilation2D", "Dilation2DBackpropInput", "Dilation2DBackpropFilter"],
    inputs: [numbers([1, 5, 5, 2]), numbers([2, 2, 2], -1, 1, 7)],
    run: (x, filter) => tf.dilation2d(rank4(x), filter as tf.Tensor3D, 1, "valid"),
  },
  {
    kernels: ["FusedBatchNorm"],
    inputs: [image, numbers([3]), numbers([3], 0.5, 2), numbers([3], -1, 1, 3), numbers([3], 1, 2)],
    run: (x, mean, variance, offset, scale) =>
      tf.batchNorm(
        x,
        mean as tf.Tensor1D,
        variance as tf.Tensor1D,
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        1e-3,
      ),
  },
  {
    kernels: ["LRN", "LRNGrad"],
    inputs: [numbers([1, 2, 2, 6])],
    run: (x) => tf.localResponseNormalization(rank4(x), 2, 1, 0.7, 0.6),
  },
  {
    kernels: ["ResizeBilinear", "ResizeBilinearGrad"],
    inputs: [image],
    run: (x) => tf.image.resizeBilinear(rank4(x), [9, 4]),
  },
  {
    kernels: ["ResizeBilinear"],
    inputs: [image],
    run: (x) => tf.image.resizeBilinear(rank4(x), [4, 9], false, true),
    noGradient: "tfjs-node-gpu's kernel does not pass half-pixel centres to the gradient",
  },
  {
    kernels: ["ResizeNearestNeighbor", "ResizeNearestNeighborGrad"],
    inputs: [image],
    run: (x) => tf.image.resizeNearestNeighbor(rank4(x), [9, 4]),
  },
  {
    kernels: ["FlipLeftRight"],
    inputs: [image],
    run: (x) => tf.image.flipLeftRight(rank4(x)),
    noGradient: none,
  },
  {
    kernels: ["CropAndResize"],
    inputs: [image, listed([0, 0, 0.5, 0.5, 0.2, 0.1, 0.9, 1], [2, 4]), integers([2], 2)],
    run: (x, boxes, at) =>
      tf.image.cropAndResize(rank4(x), boxes as tf.Tensor2D, at as tf.Tensor1D, [3, 3]),
    noGradient: none,
  },
  {
    kernels: ["NonMaxSuppressionV3"],
    inputs: [boxes, scores],
    run: (boxes, scores) =>
      tf.image.nonMaxSuppression(boxes as tf.Tensor2D, scores as tf.Tensor1D, 3, 0.5),
    noGradient: none,
    notCompiled: dataDependent,
  },
  {
    kernels: ["NonMaxSuppressionV4"],
    inputs: [boxes, scores],
    run: (boxes, scores) => {
      const result = tf.image.nonMaxSuppressionPadded(
        boxes as tf.Tensor2D,
        scores as tf.Tensor1D,
        3,
        0.5,
        0.1,
        true,
      );
      return [result.selectedIndices!, result.validOutputs!];
    },
    noGradient: none,
    notCompiled: dataDependent,
  },
  {
    kernels: ["NonMaxSuppressionV5"],
    inputs: [boxes, scores],
    run: (boxes, scores) => {
      const result = tf.image.nonMaxSuppressionWithScore(
        boxes as tf.Tensor2D,
        scores as tf.Tensor1D,
        3,
        0.5,
        0.1,
        0.3,
      );
      return [result.selectedIndices!, result.selectedScores!];
    },
    noGradient: none,
    notCompiled: dataDependent,
  },
];
