import * as tf from "@tensorflow/tfjs";
import { flags, integers, type KernelCase, listed, numbers } from "./kernel_case_fixture.ts";

const matrix = numbers([3, 4, 2], -2, 2);

export const reductionCases: readonly KernelCase[] = [
  { kernels: ["Sum"], inputs: [matrix], run: (x) => [tf.sum(x), tf.sum(x, [0, 2], true)] },
  { kernels: ["Mean"], inputs: [matrix], run: (x) => [tf.mean(x), tf.mean(x, 1)] },
  { kernels: ["Max"], inputs: [matrix], run: (x) => [tf.max(x, -1), tf.max(x, [0, 1])] },
  { kernels: ["Min"], inputs: [matrix], run: (x) => [tf.min(x, -1), tf.min(x, [0, 1])] },
  { kernels: ["Prod"], inputs: [numbers([3, 4], 0.5, 2)], run: (x) => tf.prod(x, 1) },
  { kernels: ["All"], inputs: [flags([4, 2])], run: (x) => [tf.all(x), tf.all(x, 1)] },
  { kernels: ["Any"], inputs: [flags([4, 2])], run: (x) => [tf.any(x), tf.any(x, 1)] },
  { kernels: ["ArgMax"], inputs: [matrix], run: (x) => tf.argMax(x, 1) },
  { kernels: ["ArgMin"], inputs: [matrix], run: (x) => tf.argMin(x, 2) },
  {
    kernels: ["Cumsum"],
    inputs: [numbers([3, 4])],
    run: (x) => [tf.cumsum(x, 1), tf.cumsum(x, 1, true, true)],
  },
  {
    kernels: ["Cumsum"],
    inputs: [numbers([3, 4])],
    run: (x) => tf.cumsum(x, 0),
    noGradient: "tfjs's is right for the last axis only",
  },
  {
    kernels: ["Cumprod"],
    inputs: [numbers([3, 4], 0.5, 2)],
    run: (x) => [tf.cumprod(x, 1), tf.cumprod(x, 0, true, true)],
    noGradient: "tfjs has none",
  },
  {
    kernels: ["Bincount"],
    inputs: [integers([9], 4), numbers([9])],
    run: (x, weights) => tf.bincount(x as tf.Tensor1D, weights as tf.Tensor1D, 5),
    noGradient: "tfjs has none",
  },
  {
    kernels: ["TopK"],
    inputs: [numbers([3, 5])],
    run: (x) => {
      const { values, indices } = tf.topk(x, 2);
      return [values, indices];
    },
    noGradient: "tfjs has none",
  },
  {
    kernels: ["Unique"],
    inputs: [listed([3, 1, 3, 2, 1], [5], "int32")],
    run: (x) => {
      const { values, indices } = tf.unique(x);
      return [values, indices];
    },
    notCompiled: "the shape of the result depends on values",
  },
  {
    kernels: ["UnsortedSegmentSum"],
    inputs: [numbers([4, 3]), listed([0, 2, 0, 1], [4], "int32")],
    run: (x, ids) => tf.unsortedSegmentSum(x, ids as tf.Tensor1D, 3),
  },
  {
    kernels: ["BatchMatMul"],
    inputs: [numbers([2, 3, 4]), numbers([2, 5, 4], -1, 1, 7)],
    run: (a, b) => tf.matMul(a, b, false, true),
  },
  {
    kernels: ["BatchMatMul"],
    inputs: [numbers([4, 3]), numbers([4, 5], -1, 1, 7)],
    run: (a, b) => tf.matMul(a, b, true, false),
  },
  {
    kernels: ["_FusedMatMul"],
    inputs: [numbers([3, 4]), numbers([4, 5], -1, 1, 7), numbers([5])],
    run: (a, b, bias) =>
      tf.fused.matMul({
        a: a as tf.Tensor2D,
        b: b as tf.Tensor2D,
        bias,
        activation: "relu",
      }),
    noGradient: "under a gradient tfjs calls the single ops instead",
  },
  {
    kernels: ["Einsum"],
    inputs: [numbers([2, 3]), numbers([3, 4], -1, 1, 7)],
    run: (a, b) => tf.einsum("ij,jk->ki", a, b),
    noGradient: "tfjs has none",
  },
  {
    kernels: ["FFT"],
    inputs: [numbers([2, 8]), numbers([2, 8], -1, 1, 3)],
    run: (a, b) => {
      const result = tf.spectral.fft(tf.complex(a, b));
      return [tf.real(result), tf.imag(result)];
    },
    noGradient: "tfjs has none for complex numbers",
  },
  {
    kernels: ["IFFT"],
    inputs: [numbers([2, 8]), numbers([2, 8], -1, 1, 3)],
    run: (a, b) => {
      const result = tf.spectral.ifft(tf.complex(a, b));
      return [tf.real(result), tf.imag(result)];
    },
    noGradient: "tfjs has none for complex numbers",
  },
];
