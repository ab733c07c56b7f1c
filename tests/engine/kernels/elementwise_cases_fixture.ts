import * as tf from "@tensorflow/tfjs";
import { flags, integers, type KernelCase, listed, numbers } from "./kernel_case_fixture.ts";

type Unary = readonly [kernel: string, run: (x: tf.Tensor) => tf.Tensor, low: number, high: number];

const unary: readonly Unary[] = [
  ["Abs", tf.abs, -2, 2],
  ["Acos", tf.acos, -0.9, 0.9],
  ["Acosh", tf.acosh, 1.1, 4],
  ["Asin", tf.asin, -0.9, 0.9],
  ["Asinh", tf.asinh, -3, 3],
  ["Atan", tf.atan, -3, 3],
  ["Atanh", tf.atanh, -0.9, 0.9],
  ["Ceil", tf.ceil, -3, 3],
  ["Cos", tf.cos, -3, 3],
  ["Cosh", tf.cosh, -3, 3],
  ["Erf", tf.erf, -2, 2],
  ["Exp", tf.exp, -3, 3],
  ["Expm1", tf.expm1, -3, 3],
  ["Floor", tf.floor, -3, 3],
  ["Identity", tf.clone, -1, 1],
  ["LeakyRelu", (x) => tf.leakyRelu(x, 0.3), -2, 2],
  ["Log", tf.log, 0.1, 4],
  ["Log1p", tf.log1p, -0.5, 4],
  ["Neg", tf.neg, -1, 1],
  ["OnesLike", tf.onesLike, -1, 1],
  ["Reciprocal", tf.reciprocal, 0.5, 3],
  ["Relu", tf.relu, -2, 2],
  ["Relu6", tf.relu6, -2, 8],
  ["Round", tf.round, -3, 3],
  ["Rsqrt", tf.rsqrt, 0.1, 4],
  ["Selu", tf.selu, -2, 2],
  ["Sigmoid", tf.sigmoid, -4, 4],
  ["Sign", tf.sign, -2, 2],
  ["Sin", tf.sin, -3, 3],
  ["Sinh", tf.sinh, -3, 3],
  ["Softplus", tf.softplus, -4, 4],
  ["Sqrt", tf.sqrt, 0.1, 4],
  ["Square", tf.square, -2, 2],
  ["Step", (x) => tf.step(x, 0.25), -2, 2],
  ["Tan", tf.tan, -1, 1],
  ["Tanh", tf.tanh, -2, 2],
  ["ZerosLike", tf.zerosLike, -1, 1],
  ["ClipByValue", (x) => tf.clipByValue(x, -0.5, 0.7), -1, 1],
  ["Softmax", tf.softmax, -3, 3],
];

type Binary = readonly [
  kernel: string,
  run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  low?: number,
  high?: number,
];

const binary: readonly Binary[] = [
  ["Add", tf.add],
  ["Atan2", tf.atan2],
  ["Mod", tf.mod, 0.3, 4],
  ["Multiply", tf.mul],
  ["Pow", tf.pow, 0.3, 3],
  ["Prelu", tf.prelu],
  ["RealDiv", tf.div, 0.3, 4],
  ["Sub", tf.sub],
];

// tfjs's gradients of these do not sum over axes that were broadcast.
const sameShape: readonly Binary[] = [
  ["Maximum", tf.maximum],
  ["Minimum", tf.minimum],
  ["SquaredDifference", tf.squaredDifference],
];

type Comparison = readonly [kernel: string, run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor];

const comparisons: readonly Comparison[] = [
  ["Equal", tf.equal],
  ["Greater", tf.greater],
  ["GreaterEqual", tf.greaterEqual],
  ["Less", tf.less],
  ["LessEqual", tf.lessEqual],
  ["NotEqual", tf.notEqual],
];

const special = listed([1, -2, NaN, Infinity, -Infinity, 0]);
const constant = "a truth value has no gradient";

export const elementwiseCases: readonly KernelCase[] = [
  ...unary.map(([kernel, run, low, high]): KernelCase => ({
    kernels: [kernel],
    inputs: [numbers([3, 4], low, high)],
    run,
  })),
  ...binary.map(([kernel, run, low, high]): KernelCase => ({
    kernels: [kernel],
    inputs: [numbers([3, 4], low, high), numbers([4], low, high, 5)],
    run,
  })),
  ...sameShape.map(([kernel, run]): KernelCase => ({
    kernels: [kernel],
    inputs: [numbers([3, 4]), numbers([3, 4], -1, 1, 5)],
    run,
  })),
  ...comparisons.map(([kernel, run]): KernelCase => ({
    kernels: [kernel],
    inputs: [integers([3, 4], 3), integers([4], 3)],
    run,
  })),
  {
    kernels: ["FloorDiv"],
    inputs: [integers([3, 4], 20), listed([3, -3, 7, 2], [4], "int32")],
    run: tf.floorDiv,
  },
  { kernels: ["Elu", "EluGrad"], inputs: [numbers([3, 4], -2, 2)], run: tf.elu },
  { kernels: ["IsFinite"], inputs: [special], run: tf.isFinite, noGradient: constant },
  { kernels: ["IsInf"], inputs: [special], run: tf.isInf, noGradient: constant },
  { kernels: ["IsNan"], inputs: [special], run: tf.isNaN, noGradient: constant },
  { kernels: ["LogicalAnd"], inputs: [flags([8]), flags([8], 3)], run: tf.logicalAnd },
  { kernels: ["LogicalOr"], inputs: [flags([8]), flags([8], 3)], run: tf.logicalOr },
  { kernels: ["LogicalNot"], inputs: [flags([8])], run: tf.logicalNot },
  {
    kernels: ["Select"],
    inputs: [flags([3, 4]), numbers([3, 4]), numbers([3, 4], 2, 3)],
    run: (condition, a, b) => tf.where(condition, a, b),
  },
  {
    kernels: ["AddN"],
    inputs: [numbers([2, 3]), numbers([2, 3], 2, 3), numbers([2, 3], 5, 9)],
    run: (...terms) => tf.addN(terms),
  },
  { kernels: ["Cast"], inputs: [numbers([3, 4], -3, 3)], run: (x) => tf.cast(x, "int32") },
  { kernels: ["Cast"], inputs: [integers([6], 9)], run: (x) => tf.cast(x, "float32") },
  { kernels: ["Cast"], inputs: [integers([6], 2)], run: (x) => tf.cast(x, "bool") },
  {
    kernels: ["Complex", "Real", "Imag"],
    inputs: [numbers([4]), numbers([4], 2, 3)],
    run: (a, b) => [tf.real(tf.complex(a, b)), tf.imag(tf.complex(a, b))],
    noGradient: "tfjs has none for complex numbers",
  },
  {
    kernels: ["ComplexAbs"],
    inputs: [numbers([4]), numbers([4], 2, 3)],
    run: (a, b) => tf.abs(tf.complex(a, b)),
    noGradient: "tfjs has none for complex numbers",
  },
  {
    kernels: ["StaticRegexReplace"],
    inputs: [listed(["aab", "b", "ca"], [3], "string")],
    run: (text) => tf.string.staticRegexReplace(text as tf.Tensor1D, "a+", "x"),
  },
];
