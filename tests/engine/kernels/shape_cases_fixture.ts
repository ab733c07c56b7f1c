import * as tf from "@tensorflow/tfjs";
import { integers, type KernelCase, listed, numbers } from "./kernel_case_fixture.ts";

const none = "tfjs has none";
const image = numbers([1, 4, 4, 2]);

export const shapeCases: readonly KernelCase[] = [
  { kernels: ["Reshape"], inputs: [numbers([3, 4])], run: (x) => tf.reshape(x, [2, -1]) },
  { kernels: ["ExpandDims"], inputs: [numbers([3, 4])], run: (x) => tf.expandDims(x, 1) },
  { kernels: ["Transpose"], inputs: [numbers([2, 3, 4])], run: (x) => tf.transpose(x, [2, 0, 1]) },
  { kernels: ["Reverse"], inputs: [numbers([2, 3, 4])], run: (x) => tf.reverse(x, [0, 2]) },
  { kernels: ["Tile"], inputs: [numbers([2, 3])], run: (x) => tf.tile(x, [2, 3]) },
  { kernels: ["Slice"], inputs: [numbers([3, 4])], run: (x) => tf.slice(x, [1, 0], [2, 3]) },
  {
    kernels: ["StridedSlice"],
    inputs: [numbers([4, 6])],
    run: (x) => tf.stridedSlice(x, [3, 1], [0, 6], [-1, 2]),
    noGradient: none,
  },
  {
    kernels: ["Concat"],
    inputs: [numbers([2, 3]), numbers([2, 1]), numbers([2, 2])],
    run: (...parts) => tf.concat(parts, 1),
  },
  {
    kernels: ["SplitV"],
    inputs: [numbers([2, 6])],
    run: (x) => [...tf.split(x, [1, 3, 2], 1), ...tf.split(x, 2, 0)],
  },
  {
    kernels: ["Pack"],
    inputs: [numbers([2, 3]), numbers([2, 3], 2, 3)],
    run: (...parts) => tf.stack(parts, 1),
  },
  { kernels: ["Unpack"], inputs: [numbers([3, 4])], run: (x) => tf.unstack(x, 1) },
  {
    kernels: ["PadV2"],
    inputs: [numbers([2, 3])],
    run: (x) => tf.pad(x, [[1, 0], [2, 1]], 0.5),
  },
  {
    kernels: ["MirrorPad"],
    inputs: [numbers([3, 4])],
    run: (x) => tf.mirrorPad(x, [[1, 2], [2, 0]], "reflect"),
  },
  {
    kernels: ["SpaceToBatchND"],
    inputs: [image],
    run: (x) => tf.spaceToBatchND(x, [2, 2], [[0, 0], [0, 0]]),
  },
  {
    kernels: ["BatchToSpaceND"],
    inputs: [numbers([4, 2, 2, 1])],
    run: (x) => tf.batchToSpaceND(x, [2, 2], [[0, 0], [0, 0]]),
  },
  {
    kernels: ["DepthToSpace"],
    inputs: [numbers([1, 2, 2, 4])],
    run: (x) => tf.depthToSpace(x as tf.Tensor4D, 2, "NHWC"),
    noGradient: none,
  },
  {
    kernels: ["BroadcastArgs"],
    inputs: [listed([3, 1], [2], "int32"), listed([1, 4], [2], "int32")],
    run: (a, b) => tf.broadcastArgs(a, b),
  },
  { kernels: ["Diag"], inputs: [numbers([3])], run: (x) => tf.diag(x), noGradient: none },
  { kernels: ["Fill"], inputs: [], run: () => tf.fill([2, 3], 7) },
  { kernels: ["LinSpace"], inputs: [], run: () => tf.linspace(0, 1, 5) },
  { kernels: ["Range"], inputs: [], run: () => [tf.range(2, 11, 3), tf.range(5, 0, -2, "int32")] },
  {
    kernels: ["OneHot"],
    inputs: [integers([5], 4)],
    run: (x) => [tf.oneHot(x, 4), tf.oneHot(x, 4, 2, -1, "float32")],
  },
  {
    kernels: ["GatherV2"],
    inputs: [numbers([4, 3]), integers([5], 4)],
    run: (x, at) => tf.gather(x, at as tf.Tensor1D, 0),
  },
  {
    kernels: ["GatherV2"],
    inputs: [numbers([2, 5]), integers([2, 3], 5)],
    run: (x, at) => tf.gather(x, at as tf.Tensor1D, 1, 1),
    noGradient: "tfjs's does not support batch dimensions on all backends alike",
  },
  {
    kernels: ["GatherNd"],
    inputs: [numbers([3, 4]), listed([0, 1, 2, 3], [2, 2], "int32")],
    run: (x, at) => tf.gatherND(x, at),
    noGradient: none,
  },
  {
    kernels: ["ScatterNd"],
    inputs: [listed([1, 3], [2, 1], "int32"), numbers([2, 3])],
    run: (at, updates) => tf.scatterND(at, updates, [5, 3]),
    noGradient: none,
  },
  {
    kernels: ["TensorScatterUpdate"],
    inputs: [numbers([5, 3]), listed([1, 3], [2, 1], "int32"), numbers([2, 3], 4, 5)],
    run: (x, at, updates) => tf.tensorScatterUpdate(x, at, updates),
    noGradient: none,
  },
  {
    kernels: ["SparseToDense"],
    inputs: [listed([0, 1, 2, 3], [2, 2], "int32"), numbers([2]), listed([0.5], [])],
    run: (at, values, rest) => tf.sparseToDense(at, values, [3, 4], rest as tf.Scalar),
    noGradient: none,
  },
];
