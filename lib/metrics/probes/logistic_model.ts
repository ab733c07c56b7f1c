/** What the fit of a logistic regression takes and gives. */

/** A linear classifier. */
export interface LinearClassifier {
  /** `[width, classes]`, row-major. */
  readonly weight: Float64Array | Float32Array;
  /** `[classes]`. */
  readonly bias: Float64Array | Float32Array;
}

/** A linear classifier as a fit gives it. */
export interface LogisticModel extends LinearClassifier {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  /** Steps of the solver. */
  readonly iterations: number;
}

/** Options of {@linkcode fitLogistic}. */
export interface LogisticOptions {
  /** Number of classes. Default: one more than the highest label. */
  readonly classes?: number | undefined;
  /** Inverse strength of the L2 penalty, which spares the bias; scikit-learn's `C`. Default: 1. */
  readonly c?: number | undefined;
  /** Default: 2000. */
  readonly maximumIterations?: number | undefined;
  /** Where the solver begins. Default: zeros. */
  readonly start?: Pick<LogisticModel, "weight" | "bias"> | undefined;
}
