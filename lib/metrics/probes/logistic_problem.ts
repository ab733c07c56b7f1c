/** The objective of logistic regression in variables in which it is easy to minimise. */
import * as tf from "@tensorflow/tfjs";
import { compile } from "../../engine/compiler/compile.ts";
import type { LabelledFeatures } from "./labelled_features.ts";
import { minimize } from "./lbfgs.ts";
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
  const mean = meanOf(train);
  const chunks = upload(train, mean, classes);
  const { axes: rows, variances } = await leadingAxes(chunks.map(({ x }) => x));
  const axes = rows.length === 0
    ? undefined
    : tf.tidy(() => tf.stack(rows.map((row) => tf.tensor1d(new Float32Array(row)))) as tf.Tensor2D);
  const size = width * classes;

  /** Weights `[width, classes]` times the symmetric matrix of scales. */
  const scaled = (weight: tf.Tensor2D, { beyond, along }: Scales): tf.Tensor2D =>
    axes === undefined ? weight : tf.add(
      tf.mul(weight, beyond),
      tf.matMul(axes, tf.mul(along, tf.matMul(axes, weight)), true),
    );
  /** Plain weights and centred biases of a point. */
  const unpacked = (point: tf.Tensor1D, { origin, scales }: Frame) => ({
    weight: tf.add<tf.Tensor2D>(
      tf.reshape(tf.slice(origin, 0, size), [width, classes]),
      scaled(tf.reshape(tf.slice(point, 0, size), [width, classes]), scales),
    ),
    bias: tf.add<tf.Tensor1D>(tf.slice(origin, size), tf.slice(point, size)),
  });
  /** `[images + width + 1 + size + classes]`: losses, squares, the largest slope, all slopes. */
  const evaluate = (point: tf.Tensor1D, frame: Frame): tf.Tensor1D => {
    const { weight, bias } = unpacked(point, frame);
    const parts = chunks.map((chunk) => crossEntropy(chunk, weight, bias));
    const total = (key: "weight" | "bias") => tf.div(tf.addN(parts.map((p) => p[key])), images);
    const slopes = tf.add<tf.Tensor2D>(total("weight"), tf.mul(weight, frame.penalty));
    const biasSlopes = total("bias") as tf.Tensor1D;
    const largest = tf.maximum(tf.max(tf.abs(slopes)), tf.max(tf.abs(biasSlopes)));
    return tf.concat1d([
      ...parts.map(({ losses }) => losses),
      tf.sum(tf.square(weight), 1),
      tf.reshape(largest, [1]),
      tf.reshape(scaled(slopes, frame.scales), [-1]),
      biasSlopes,
    ]);
  };
  const example = frameOf({
    c: 1,
    images,
    classes,
    variances,
    origin: new Float64Array(size + classes),
  });
  const compiled = compile(evaluate, [example.origin, example], { name: "logistic regression" });
  tf.dispose(example);

  return {
    async fit({ c = 1, maximumIterations = 2000, start }) {
      const origin = new Float64Array(size + classes);
      if (start) {
        origin.set(start.weight);
        origin.set(shifted(start.bias, start.weight, mean, 1), size);
      }
      const frame = frameOf({ c, images, classes, variances, origin });
      try {
        const { x, iterations } = await minimize(
          async (point) => {
            const tensor = tf.tensor1d(new Float32Array(point));
            const packed = await compiled(tensor, frame);
            const values = await packed.data<"float32">();
            tf.dispose([tensor, packed]);
            // Summed in double precision, so that rounding does not hide small steps from the search.
            const loss = sumOf(values.subarray(0, images)) / images;
            const squares = sumOf(values.subarray(images, images + width));
            return {
              value: loss + squares / (2 * c * images),
              gradient: new Float64Array(values.subarray(images + width + 1)),
              remaining: values[images + width]!,
            };
          },
          new Float64Array(size + classes),
          { maximumIterations, gradientTolerance },
        );
        const end = tf.tidy(() => unpacked(tf.tensor1d(new Float32Array(x)), frame));
        const weight = new Float64Array(await end.weight.data());
        const bias = new Float64Array(await end.bias.data());
        tf.dispose(end);
        return { weight, bias: shifted(bias, weight, mean, -1), iterations };
      } finally {
        tf.dispose(frame);
      }
    },
    dispose() {
      compiled.dispose();
      tf.dispose([chunks, axes ?? []]);
    },
  };
}

/** Factors of the weights: of what lies along each axis, over that of what lies beyond all of them. */
type Scales = { readonly beyond: tf.Scalar; readonly along: tf.Tensor2D };
/** What a fit adds to the features. */
type Frame = {
  /** `[width * classes + classes]`, weights and centred biases that points are measured from. */
  readonly origin: tf.Tensor1D;
  readonly penalty: tf.Scalar;
  readonly scales: Scales;
};

function frameOf({ c, images, classes, variances, origin }: {
  readonly c: number;
  readonly images: number;
  readonly classes: number;
  readonly variances: Float64Array;
  readonly origin: Float64Array;
}): Frame {
  const penalty = 1 / (c * images);
  const scale = (variance: number) => 1 / Math.sqrt(variance + penalty * classes);
  const beyond = scale(variances.length === 0 ? 1 : Math.min(...variances));
  return {
    origin: tf.tensor1d(new Float32Array(origin)),
    penalty: tf.scalar(penalty),
    scales: {
      beyond: tf.scalar(beyond),
      along: tf.tensor2d(Float32Array.from(variances, (one) => scale(one) - beyond), [
        variances.length,
        1,
      ]),
    },
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
      const own = labels.subarray(from, from + chunkRows);
      const x = features.subarray(from * width, (from + own.length) * width);
      return {
        x: tf.sub(tf.tensor2d(x, [own.length, width]), middle),
        y: tf.cast(tf.oneHot(tf.tensor1d(own, "int32"), classes), "float32") as tf.Tensor2D,
      };
    });
  });
}

/** `[width]` */
function meanOf({ features, labels: { length: images }, width }: LabelledFeatures): Float64Array {
  const mean = new Float64Array(width);
  for (let from = 0; from < features.length; from += width) {
    for (let i = 0; i < width; i++) mean[i]! += features[from + i]! / images;
  }
  return mean;
}

/** Biases plus `sign` times the mean times the weights: to centred features with 1, and back with -1. */
function shifted(
  bias: Float64Array,
  weight: Float64Array,
  mean: Float64Array,
  sign: 1 | -1,
): Float64Array {
  const classes = bias.length;
  return bias.map((value, k) =>
    mean.reduce((sum, one, i) => sum + sign * one * weight[i * classes + k]!, value)
  );
}

function sumOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
