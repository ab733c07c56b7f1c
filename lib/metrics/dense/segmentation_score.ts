/** Scores of predicted masks against the true ones. */
import { UserError } from "../../errors/user_error.ts";

/** Value in a mask of a pixel that belongs to no class and is left out of every score. */
export const ignoredPixel = 255;

/** Outcome of {@linkcode segmentationScore}; all but `confusion` and `scores` in percent. */
export interface SegmentationScore {
  /** Mean of the classes' IoU, of those that occur in truth or prediction. */
  readonly meanIou: number;
  /** `[classes]`, pixels of both by pixels of either; NaN where a class occurs in neither. */
  readonly classIou: Float64Array;
  /** Correctly classified pixels, of all that count. */
  readonly pixelAccuracy: number;
  /** `[classes, classes]`, pixels by true class, then by predicted class. */
  readonly confusion: Float64Array;
  /**
   * `[images]`, what each image adds, to first order: their mean times 100 is `meanIou`. An IoU is a
   * ratio of sums over all images, so it is no mean of images' own IoUs; but its change when an image
   * counts more is, and so these may be drawn again by {@linkcode bootstrapInterval} and
   * {@linkcode pairedBootstrap} in place of the images.
   */
  readonly scores: Float64Array;
}

/**
 * Counts the pixels of one image, `[classes, classes]` by true class, then by predicted class.
 *
 * @param truth class numbers in any order of pixels; pixels of {@linkcode ignoredPixel} do not count.
 * @param predicted class numbers in the same order.
 * @throws {UserError} where the masks differ in size, or a number is none of a class.
 *
 * @example
 * ```ts
 * import { confusionMatrix } from "./segmentation_score.ts";
 * const matrix = confusionMatrix(Uint8Array.of(0, 0, 1, 255), Uint8Array.of(0, 1, 1, 1), 2);
 * if (matrix.join() !== "1,1,0,1") throw new Error("One pixel of class 0 was taken for 1");
 * ```
 */
export function confusionMatrix(
  truth: Uint8Array,
  predicted: Uint8Array,
  classes: number,
): Uint32Array {
  if (truth.length !== predicted.length || truth.length === 0) {
    throw new UserError(
      `Cannot compare masks: found ${truth.length} true and ${predicted.length} predicted pixels, ` +
        "expected one prediction for each true pixel. Resize the prediction to the size of the mask.",
    );
  }
  const matrix = new Uint32Array(classes * classes);
  for (let i = 0; i < truth.length; i++) {
    const [actual, guess] = [truth[i]!, predicted[i]!];
    if (actual === ignoredPixel) continue;
    if (actual >= classes || guess >= classes) throw outOfRange(actual, guess, classes);
    matrix[actual * classes + guess]!++;
  }
  return matrix;
}

/**
 * Measures the mean intersection over union of all images together, as segmentation is reported: pixels are summed
 * over the images first, then each class gets its ratio.
 *
 * @param confusions for each image, from {@linkcode confusionMatrix}.
 * @throws {UserError} where no pixel counts, or matrices differ in size.
 * @source Everingham et al., "The Pascal visual object classes challenge" (2010), section 4.2; the
 * scores: Jaeckel, "The infinitesimal jackknife" (1972).
 *
 * @example
 * ```ts
 * import { segmentationScore } from "@hashigo/hashigo/metrics";
 * import { confusionMatrix } from "./segmentation_score.ts";
 * const truth = Uint8Array.of(0, 0, 1, 1), predicted = Uint8Array.of(0, 1, 1, 1);
 * const { meanIou } = segmentationScore([confusionMatrix(truth, predicted, 2)], 2);
 * if (Math.abs(meanIou - 100 * (1 / 2 + 2 / 3) / 2) > 1e-9) throw new Error("1 of 2 and 2 of 3");
 * ```
 */
export function segmentationScore(
  confusions: readonly Uint32Array[],
  classes: number,
): SegmentationScore {
  const confusion = new Float64Array(classes * classes);
  for (const matrix of confusions) {
    if (matrix.length !== confusion.length) throw otherSize(matrix.length, classes);
    matrix.forEach((pixels, place) => confusion[place]! += pixels);
  }
  const total = confusion.reduce((sum, pixels) => sum + pixels, 0);
  if (total === 0) {
    throw new UserError(
      `Cannot score a segmentation: none of the pixels of ${confusions.length} images counts, ` +
        "expected some of a class. Check which values of the masks are ignored.",
    );
  }
  const { both, either } = overlaps(confusion, classes);
  const ratios = both.map((pixels, label) => either[label]! > 0 ? pixels / either[label]! : NaN);
  const present = [...ratios.keys()].filter((label) => !Number.isNaN(ratios[label]));
  const mean = present.reduce((sum, label) => sum + ratios[label]!, 0) / present.length;
  const scores = Float64Array.from(confusions, (matrix) => {
    const overlap = overlaps(matrix, classes);
    const surplus = present.reduce(
      (sum, label) =>
        sum + (overlap.both[label]! - ratios[label]! * overlap.either[label]!) / either[label]!,
      0,
    );
    return mean + confusions.length * surplus / present.length;
  });
  return {
    meanIou: 100 * mean,
    classIou: ratios.map((ratio) => 100 * ratio),
    pixelAccuracy: 100 * both.reduce((sum, pixels) => sum + pixels, 0) / total,
    confusion,
    scores,
  };
}

/** Of each class, the pixels that truth and prediction share, and those of at least one of them. */
function overlaps(matrix: ArrayLike<number>, classes: number) {
  const [both, either] = [new Float64Array(classes), new Float64Array(classes)];
  for (let actual = 0; actual < classes; actual++) {
    for (let guess = 0; guess < classes; guess++) {
      const pixels = matrix[actual * classes + guess]!;
      either[actual]! += pixels;
      if (actual === guess) both[actual]! += pixels;
      else either[guess]! += pixels;
    }
  }
  return { both, either };
}

function outOfRange(actual: number, guess: number, classes: number): UserError {
  return new UserError(
    `Cannot compare masks: found a pixel of class ${actual} that was taken for class ${guess}, ` +
      `expected classes from 0 to ${classes - 1}, or ${ignoredPixel} in truth where a pixel is ` +
      "ignored. Name the values of the masks in the manifest.",
  );
}

function otherSize(numbers: number, classes: number): UserError {
  return new UserError(
    `Cannot score a segmentation: found a matrix of ${numbers} numbers, expected ${classes} x ` +
      `${classes}. Count all images with the same classes.`,
  );
}
