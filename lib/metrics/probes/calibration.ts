/** Calibration: whether a classifier is as sure as it is right. */
import { UserError } from "../../errors/user_error.ts";

/** Images whose confidence lies in one part of 0 to 1. */
export interface CalibrationBin {
  /** Number of images. */
  readonly images: number;
  /** Their mean confidence; NaN where there is none. */
  readonly confidence: number;
  /** The share of them that was right; NaN where there is none. */
  readonly accuracy: number;
}

/** Outcome of {@linkcode calibrationError}. */
export interface CalibrationResult {
  /** Expected calibration error, in percent: 0 is best. */
  readonly ece: number;
  /** From unsure to sure. */
  readonly bins: readonly CalibrationBin[];
  /**
   * `[images]`, what each image adds: its confidence minus 1 where it was right, or that negated where
   * its bin is less sure than right. Their mean is the error, so it can be drawn again by images; the
   * error of each redrawn set would be biased upwards, as noise within a bin always adds to it.
   */
  readonly contributions: Float64Array;
}

/**
 * Measures the expected calibration error: images are put into bins of equal width by the probability of the class
 * that was chosen, and the error is the mean over images of the distance between confidence and accuracy
 * of their bin.
 *
 * @param confidences `[images]`, probability of the chosen class.
 * @param right `[images]`, 1 where the chosen class was right, else 0.
 * @param options bins: default 15; each holds its upper end.
 * @throws {UserError} where there are no images, their numbers differ, or a confidence is not within
 * 0 and 1.
 * @source Guo et al., "On calibration of modern neural networks" (2017).
 *
 * @example
 * ```ts
 * import { calibrationError } from "@hashigo/hashigo/metrics";
 * const { ece } = calibrationError([0.9, 0.9, 0.9, 0.9], [1, 1, 1, 0]);
 * if (Math.abs(ece - 15) > 1e-9) throw new Error("90 % sure, 75 % right");
 * ```
 */
export function calibrationError(
  confidences: ArrayLike<number>,
  right: ArrayLike<number>,
  options: { readonly bins?: number | undefined } = {},
): CalibrationResult {
  const { bins: count = 15 } = options;
  const images = confidences.length;
  check(confidences, right, count);
  const places = Array.from(
    confidences,
    (confidence) => Math.max(0, Math.ceil(confidence * count) - 1),
  );
  const sums = Array.from({ length: count }, () => ({ images: 0, confidence: 0, right: 0 }));
  places.forEach((place, i) => {
    const sum = sums[place]!;
    sum.images++;
    sum.confidence += confidences[i]!;
    sum.right += right[i]!;
  });
  const contributions = Float64Array.from(places, (place, i) => {
    const sum = sums[place]!;
    const gap = confidences[i]! - right[i]!;
    return sum.confidence < sum.right ? -gap : gap;
  });
  return {
    ece: 100 * contributions.reduce((sum, value) => sum + value, 0) / images,
    bins: sums.map((sum) => ({
      images: sum.images,
      confidence: sum.confidence / sum.images,
      accuracy: sum.right / sum.images,
    })),
    contributions,
  };
}

function check(confidences: ArrayLike<number>, right: ArrayLike<number>, bins: number): void {
  const outside = Array.from(confidences).find((confidence) =>
    !(confidence >= 0 && confidence <= 1)
  );
  const wrong = Array.from(right).find((outcome) => outcome !== 0 && outcome !== 1);
  if (
    confidences.length > 0 && confidences.length === right.length && outside === undefined &&
    wrong === undefined && Number.isSafeInteger(bins) && bins > 0
  ) return;
  throw new UserError(
    `Cannot measure calibration in ${bins} bins: found ${confidences.length} confidences` +
      `${outside === undefined ? "" : ` (one is ${outside})`} and ${right.length} outcomes` +
      `${
        wrong === undefined ? "" : ` (one is ${wrong})`
      }, expected as many of both, at least one, ` +
      "confidences from 0 to 1 and outcomes 0 or 1. Give probabilities, not logits.",
  );
}
