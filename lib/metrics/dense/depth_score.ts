/** How far predicted depths are from the true ones. */
import { UserError } from "../../errors/user_error.ts";
import { meanOf } from "../mean_of.ts";

/** Outcome of {@linkcode depthScore}, in the unit of the depths; lower is better. */
export interface DepthScore {
  /** Mean over images of the root of the mean squared error over their pixels. */
  readonly rmse: number;
  /** `[images]`, those of each image. */
  readonly errors: Float64Array;
}

/**
 * Measures the root mean squared error of depth maps, of each image and their mean, as depth is reported.
 *
 * @param truth `[images, side, side]`
 * @param predicted `[images, side, side]`
 * @param images number of images.
 * @throws {UserError} where the maps differ in size, or hold what is not finite.
 *
 * @example
 * ```ts
 * import { depthScore } from "@hashigo/hashigo/metrics";
 * const { rmse } = depthScore(Float32Array.of(1, 1, 2, 2), Float32Array.of(1, 1, 4, 4), 2);
 * if (rmse !== 1) throw new Error("One image is right, the other is off by 2");
 * ```
 */
export function depthScore(
  truth: Float32Array,
  predicted: Float32Array,
  images: number,
): DepthScore {
  const pixels = truth.length / images;
  const finite = truth.every(Number.isFinite) && predicted.every(Number.isFinite);
  if (truth.length !== predicted.length || !(Number.isInteger(pixels) && pixels > 0) || !finite) {
    throw new UserError(
      `Cannot compare depths: found ${truth.length} true and ${predicted.length} predicted pixels ` +
        `of ${images} images${finite ? "" : ", some not finite"}, expected one finite prediction ` +
        "for each true pixel. Resize the predictions to the size of the depth maps.",
    );
  }
  const errors = new Float64Array(images);
  for (let image = 0; image < images; image++) {
    let sum = 0;
    for (let i = image * pixels; i < (image + 1) * pixels; i++) {
      sum += (predicted[i]! - truth[i]!) ** 2;
    }
    errors[image] = Math.sqrt(sum / pixels);
  }
  return { rmse: meanOf(errors), errors };
}
