/**
 * Convolutions whose gradients are few passes over the maps, where the engine has the kernels for it.
 *
 * tfjs' own gradient of an activation is four passes over the map that came in, which must then be kept
 * apart from the convolution; that of a 1 x 1 convolution is slower than the products that it consists of.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";

/** Names of activations. */
export type Activation = "linear" | "relu" | "relu6";

/**
 * Where a convolution's gradient comes from: the engine's own kernels, those that tfjs knows, or, where a
 * gradient is being recorded and the engine has no kernels of it, products of shifted maps.
 */
export function gradientsBy(): "kernels" | "tfjs" | "products" {
  const has = (kernel: string) => tf.getKernel(kernel, tf.getBackend()) !== undefined;
  if (has("Relu6Grad")) return "kernels";
  const recording = tf.engine().state.gradientDepth > 0;
  return recording && !has("DepthwiseConv2dNativeBackpropFilter") ? "products" : "tfjs";
}

/** Computes an activation. */
export function activate(map: tf.Tensor4D, activation: Activation): tf.Tensor4D {
  return activation === "linear" ? map : activation === "relu" ? tf.relu(map) : tf.relu6(map);
}

/**
 * Computes `activation(map + bias)`. Its gradient reads the output alone, so that the engine may fuse the
 * sum with the convolution before it.
 *
 * @param map `[batch, height, width, channels]`.
 * @param bias `[channels]`.
 */
export function biasActivation(
  map: tf.Tensor4D,
  bias: tf.Tensor1D,
  activation: Activation,
): tf.Tensor4D {
  const run = tf.customGrad((...inputs) => {
    const [map, bias, save] = inputs as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const value = activate(kernel("BiasAdd", { x: map, bias }) as tf.Tensor4D, activation);
    save(activation === "linear" ? [] : [value]);
    const gradFunc = (dy: tf.Tensor, [y]: tf.Tensor[]) => {
      const ofSum = y === undefined ? dy : kernel(gradientNames[activation], { dy, y });
      return [ofSum, kernel("BiasAddGrad", { dy: ofSum })];
    };
    return { value, gradFunc };
  });
  return run(map, bias) as tf.Tensor4D;
}

const gradientNames = { linear: "", relu: "ReluGrad", relu6: "Relu6Grad" } as const;

/**
 * Computes a convolution of single pixels, whose gradients are products of matrices.
 *
 * @param images `[batch, height, width, in]`.
 * @param weight `[1, 1, in, out]`.
 */
export function pointwiseConvolution(images: tf.Tensor4D, weight: tf.Tensor4D): tf.Tensor4D {
  const run = tf.customGrad((...inputs) => {
    const [x, filter, save] = inputs as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([x, filter]);
    const gradFunc = (dy: tf.Tensor, [x, filter]: tf.Tensor[]) => {
      const [, , from, to] = filter!.shape as [number, number, number, number];
      const rows = tf.reshape<tf.Rank.R2>(x!, [-1, from]),
        ofRows = tf.reshape<tf.Rank.R2>(dy, [-1, to]);
      const matrix = tf.reshape<tf.Rank.R2>(filter!, [from, to]);
      return [
        tf.reshape(tf.matMul(ofRows, matrix, false, true), x!.shape),
        tf.reshape(tf.matMul(rows, ofRows, true, false), filter!.shape),
      ];
    };
    return { value: tf.conv2d(x, filter, 1, "same"), gradFunc };
  });
  return run(images, weight) as tf.Tensor4D;
}

function kernel(name: string, inputs: tf.NamedTensorMap): tf.Tensor {
  return tf.engine().runKernel(name, inputs) as tf.Tensor;
}
