/**
 * Cubic convolution along one side of an image or grid, as plain numbers.
 *
 * @source Keys, "Cubic convolution interpolation for digital image processing" (1981).
 * @module
 */

/** Keys' kernel with the slope `a` at distance 1. */
export function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return ((a * t - 5 * a) * t + 8 * a) * t - 4 * a;
  return 0;
}

/** Weights of neighbouring samples in one sample of the result. */
export interface Taps {
  /** Position of the first sample that takes part. */
  readonly first: number;
  /** Weights of it and of those after it; their sum is 1. */
  readonly weights: Float64Array;
}

/**
 * The weights of an antialiased bicubic resampling (a = -0.5) around a point: samples stand at
 * 0.5, 1.5 … `length - 0.5`, those outside take no part. As Pillow, PyTorch's `antialias` and
 * TensorFlow's `antialias` do.
 *
 * @param centre The point.
 * @param scale Samples per sample of the result; above 1 the kernel is widened by it.
 * @param length Number of samples.
 *
 * @example
 * ```ts
 * import { averagingTaps } from "./cubic_convolution.ts";
 * const { first, weights } = averagingTaps(1.5, 1, 4);
 * if (weights[1 - first] !== 1) throw new Error("Expected the sample that stands there");
 * ```
 */
export function averagingTaps(centre: number, scale: number, length: number): Taps {
  const stretch = Math.max(scale, 1);
  const first = Math.max(0, Math.floor(centre - 2 * stretch + 0.5));
  const end = Math.min(length, Math.floor(centre + 2 * stretch + 0.5));
  const weights = Float64Array.from(
    { length: end - first },
    (_, j) => cubic((first + j - centre + 0.5) / stretch, -0.5),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { first, weights: weights.map((weight) => weight / sum) };
}
