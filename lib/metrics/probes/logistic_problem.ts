/** The objective of logistic regression in variables in which it is easy to minimise. */
import * as tf from "@tensorflow/tfjs";
import { compile, type Compiled } from "../../engine/compiler/compile.ts";
import { featureMean } from "../feature_matrix.ts";
import type { LabelledFeatures } from "../labelled_features.ts";
import { minimize, type ObjectiveValue } from "./lbfgs.ts";
import type { LogisticModel, LogisticOptions } from "./logistic_model.ts";
import { leadingAxes } from "./leading_axes.ts";

/** Features that are ready to be fitted with several penalties. */
export interface LogisticProblem {
  /** Fits a classifier with one penalty. */
  fit(options: Pick<LogisticOptions, "c" | "maximumIterations" | "start">): Promise<LogisticModel>;
  /** Frees the features. */
  dispose(): void;
}

/** Rows whose probabilities are held at once: with 1,000 classes, 16 MB. */
const chunkRows = 4096;
/** The largest number that may remain in the gradient: scikit-learn's `tol`. */
const gradientTolerance = 1e-4;

/** Features less their mean `[rows, width]` and one-hot labels `[rows, classes]` of a part of the images. */
type Chunk = { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D };

/** Factors of the weights: of what lies along each axis, over that of what lies beyond all of them. */
type Scales = { readonly beyond: tf.Scalar; readonly along: tf.Tensor2D };

/** What a fit adds to the features. */
type Frame = {
  /** `[width * classes + classes]`, weights and centred biases that points are measured from. */
  readonly origin: tf.Tensor1D;
  readonly penalty: tf.Scalar;
  readonly scales: Scales;
};

/** Features on the engine, and the sizes of everything. */
interface Problem {
  readonly chunks: readonly Chunk[];
  /** `[axes, width]`; none where all features are equal. */
  readonly axes: tf.Tensor2D | undefined;
  /** `[axes]`, variances of the features along them. */
  readonly variances: Float64Array;
  /** `[width]`, which the features were centred by. */
  readonly mean: Float64Array;
  readonly images: number;
  readonly width: number;
  readonly classes: number;
}

/**
 * Prepares the fits. Three exact changes of variables spare L-BFGS most of its steps. Features are
 * centred, which only shifts the bias, as that has no penalty. Weights are measured from where a fit
 * begins. And they are scaled along the principal axes of the features by the curvature there, which
 * at weights of zero is the variance over the number of classes, plus the penalty; beyond the axes that
 * are known, by that of the last. Tolerances hold for the gradient of the plain weights and biases.
 */
export async function openLogisticProblem(
  train: LabelledFeatures,
  classes: number,
): Promise<LogisticProblem> {
  const { labels: { length: images }, width } = train;
  const mean = featureMean(train);
  const chunks = upload(train, mean, classes);
  const { axes: rows, variances } = await leadingAxes(chunks.map(({ x }) => x));
  const axes = rows.length === 0
    ? undefined
    : tf.tidy(() => tf.stack(rows.map((row) => tf.tensor1d(new Float32Array(row)))) as tf.Tensor2D);
  const problem: Problem = { chunks, axes, variances, mean, images, width, classes };
  const example = frameOf(problem, 1, new Float64Array(width * classes + classes));
  const compiled: CompiledObjective = compile(
    (point: tf.Tensor1D, frame: Frame) => lossesAndSlopes(problem, point, frame),
    [example.origin, example],
    { name: "logistic regression" },
  );
  tf.dispose(example);
  return {
    fit: (options) => fit(problem, compiled, options),
    dispose() {
      compiled.dispose();
      tf.dispose([chunks, axes ?? []]);
    },
  };
}

type CompiledObjective = Compiled<[point: tf.Tensor1D, frame: Frame], tf.Tensor1D>;

async function fit(
  problem: Problem,
  compiled: CompiledObjective,
  { c = 1, maximumIterations = 2000, start }: Parameters<LogisticProblem["fit"]>[0],
): Promise<LogisticModel> {
  const { width, classes, mean } = problem, size = width * classes;
  const origin = new Float64Array(size + classes);
  if (start) {
    origin.set(start.weight);
    origin.set(shiftedBias(start.bias, start.weight, mean, 1), size);
  }
  const frame = frameOf(problem, c, origin);
  try {
    const { x, iterations } = await minimize(
      async (point) => {
        const tensor = tf.tensor1d(new Float32Array(point));
        const packed = await compiled(tensor, frame);
        const values = await packed.data<"float32">();
        tf.dispose([tensor, packed]);
        return objectiveOf(values, problem, c);
      },
      new Float64Array(size + classes),
      { maximumIterations, gradientTolerance },
    );
    const end = tf.tidy(() => unpacked(problem, tf.tensor1d(new Float32Array(x)), frame));
    const weight = new Float64Array(await end.weight.data());
    const bias = new Float64Array(await end.bias.data());
    tf.dispose(end);
    return { weight, bias: shiftedBias(bias, weight, mean, -1), iterations };
  } finally {
    tf.dispose(frame);
  }
}

/**
 * What half the squared weights are multiplied by, for losses that are averaged. Of two classes only the
 * difference counts, and the two weights that make it hold half its square: doubled, the penalty is
 * that of one weight, as scikit-learn's.
 */
function penaltyOf(images: number, classes: number, c: number): number {
  return (classes === 2 ? 2 : 1) / (c * images);
}

function frameOf(
  { images, classes, variances }: Problem,
  c: number,
  origin: Float64Array,
): Frame {
  const penalty = penaltyOf(images, classes, c);
  const scale = (variance: number) => 1 / Math.sqrt(variance + penalty * classes);
  const beyond = scale(variances.length === 0 ? 1 : Math.min(...variances));
  const along = Float32Array.from(variances, (variance) => scale(variance) - beyond);
  return {
    origin: tf.tensor1d(new Float32Array(origin)),
    penalty: tf.scalar(penalty),
    scales: { beyond: tf.scalar(beyond), along: tf.tensor2d(along, [variances.length, 1]) },
  };
}

/** `[images + width + 1 + size + classes]`: losses, squares, the largest slope, all slopes. */
function lossesAndSlopes(problem: Problem, point: tf.Tensor1D, frame: Frame): tf.Tensor1D {
  const { weight, bias } = unpacked(problem, point, frame);
  const parts = problem.chunks.map((chunk) => crossEntropy(chunk, weight, bias));
  const mean = (key: "weight" | "bias") =>
    tf.div(tf.addN(parts.map((part) => part[key])), problem.images);
  const slopes = tf.add<tf.Tensor2D>(mean("weight"), tf.mul(weight, frame.penalty));
  const biasSlopes = mean("bias") as tf.Tensor1D;
  const largest = tf.maximum(tf.max(tf.abs(slopes)), tf.max(tf.abs(biasSlopes)));
  return tf.concat1d([
    ...parts.map(({ losses }) => losses),
    tf.sum(tf.square(weight), 1),
    tf.reshape(largest, [1]),
    tf.reshape(scaled(problem, slopes, frame.scales), [-1]),
    biasSlopes,
  ]);
}

/** Value and gradient from what {@linkcode lossesAndSlopes} computed. */
function objectiveOf(
  values: Float32Array,
  { images, width, classes }: Problem,
  c: number,
): ObjectiveValue {
  // Summed in double precision, so that rounding does not hide small steps from the search.
  const loss = sumOf(values.subarray(0, images)) / images;
  const squares = sumOf(values.subarray(images, images + width));
  return {
    value: loss + penaltyOf(images, classes, c) * squares / 2,
    gradient: new Float64Array(values.subarray(images + width + 1)),
    remaining: values[images + width]!,
  };
}

/** Weights `[width, classes]` times the symmetric matrix of scales. */
function scaled({ axes }: Problem, weight: tf.Tensor2D, { beyond, along }: Scales): tf.Tensor2D {
  return axes === undefined ? weight : tf.add(
    tf.mul(weight, beyond),
    tf.matMul(axes, tf.mul(along, tf.matMul(axes, weight)), true),
  );
}

/** Plain weights and centred biases of a point. */
function unpacked(problem: Problem, point: tf.Tensor1D, { origin, scales }: Frame) {
  const { width, classes } = problem, size = width * classes;
  return {
    weight: tf.add<tf.Tensor2D>(
      tf.reshape(tf.slice(origin, 0, size), [width, classes]),
      scaled(problem, tf.reshape(tf.slice(point, 0, size), [width, classes]), scales),
    ),
    bias: tf.add<tf.Tensor1D>(tf.slice(origin, size), tf.slice(point, size)),
  };
}

/** Losses of the images of a chunk, and sums of their slopes. */
function crossEntropy({ x, y }: Chunk, weight: tf.Tensor2D, bias: tf.Tensor1D) {
  const logProbabilities = tf.logSoftmax(tf.add<tf.Tensor2D>(tf.matMul(x, weight), bias));
  const error = tf.sub<tf.Tensor2D>(tf.exp(logProbabilities), y);
  return {
    losses: tf.neg(tf.sum<tf.Tensor1D>(tf.mul(y, logProbabilities), 1)),
    weight: tf.matMul(x, error, true),
    bias: tf.sum(error, 0),
  };
}

/** Centred features and labels on the engine, in chunks. */
function upload(
  { features, labels, width }: LabelledFeatures,
  mean: Float64Array,
  classes: number,
) {
  const starts = Array.from(
    { length: Math.ceil(labels.length / chunkRows) },
    (_, i) => i * chunkRows,
  );
  return tf.tidy(() => {
    const middle = tf.tensor1d(new Float32Array(mean));
    return starts.map((from): Chunk => {
      const part = labels.subarray(from, from + chunkRows);
      const x = features.subarray(from * width, (from + part.length) * width);
      return {
        x: tf.sub(tf.tensor2d(x, [part.length, width]), middle),
        y: tf.cast(tf.oneHot(tf.tensor1d(part, "int32"), classes), "float32") as tf.Tensor2D,
      };
    });
  });
}

/** Biases plus `sign` times the mean times the weights: to centred features with 1, and back with -1. */
function shiftedBias(
  bias: Float64Array,
  weight: Float64Array,
  mean: Float64Array,
  sign: 1 | -1,
): Float64Array {
  const classes = bias.length;
  return bias.map((start, k) =>
    mean.reduce((sum, value, i) => sum + sign * value * weight[i * classes + k]!, start)
  );
}

function sumOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
