/** Amount of arithmetic in a function. */
import * as tf from "@tensorflow/tfjs";

/** Multiplications in one number of a kernel's result, for the kernels that are products. */
const terms: { readonly [kernel: string]: (inputs: number[][], output: number[]) => number } = {
  // An operand of [batch, rows, inner], in either order, and a result of [batch, rows, columns].
  BatchMatMul: ([left = []], output) => size(left) / size(output.slice(0, -1)),
  _FusedMatMul: ([left = []], output) => size(left) / size(output.slice(0, -1)),
  // Filters of [height, width, channels in, channels out].
  Conv2D: ([, filter = []]) => size(filter.slice(0, 3)),
  FusedConv2D: ([, filter = []]) => size(filter.slice(0, 3)),
  // Filters of [height, width, channels, 1]: each channel by itself.
  DepthwiseConv2dNative: ([, filter = []]) => size(filter.slice(0, 2)),
  FusedDepthwiseConv2D: ([, filter = []]) => size(filter.slice(0, 2)),
  // Gradients take as many as the convolution: of the images from dy and filter, of the filter from x and dy.
  Conv2DBackpropInput: ([dy = [], filter = []], output) =>
    size(dy) * size(filter.slice(0, 3)) / size(output),
  DepthwiseConv2dNativeBackpropInput: ([dy = [], filter = []], output) =>
    size(dy) * size(filter.slice(0, 2)) / size(output),
  Conv2DBackpropFilter: ([, dy = []]) => size(dy.slice(0, 3)),
  DepthwiseConv2dNativeBackpropFilter: ([, dy = []]) => size(dy.slice(0, 3)),
};

/**
 * Counts the floating-point operations in the matrix products and convolutions that `run` computes, counted from
 * their shapes: two for each multiplication and addition. Element-wise work is left out, as is usual.
 * It is run op by op, so compiled functions in it are not seen.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { countOperations } from "./operations.ts";
 * await startEngine();
 * const count = await countOperations(() => tf.matMul(tf.ones([2, 3]), tf.ones([3, 5])));
 * if (count !== 2 * 2 * 3 * 5) throw new Error("Expected 30 multiplications and additions");
 * ```
 */
export async function countOperations(run: () => tf.TensorContainer): Promise<number> {
  const { kernels } = await tf.profile(() => tf.tidy(() => void run()));
  let operations = 0;
  for (const { name, inputShapes, outputShapes } of kernels) {
    const output: number[] = outputShapes[0] ?? [];
    operations += 2 * size(output) * (terms[name]?.(inputShapes, output) ?? 0);
  }
  return operations;
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
