import type * as tf from "@tensorflow/tfjs";
import { augment, type AugmentationParameters } from "../images/augment.ts";
import type { Distillation } from "./prepare.ts";

/**
 * One augmented view per image, which student and teachers alike see (paper appendix A).
 *
 * @returns a pure function of `pixels [batch, canvas, canvas, 3]` (0 to 255) and the drawn
 * parameters, to `[batch, size, size, 3]` in [0, 1]
 */
export function viewsOf(
  { augmentation: config }: Pick<Distillation, "augmentation">,
): (pixels: tf.Tensor4D, augmentation: AugmentationParameters) => tf.Tensor4D {
  return (pixels, augmentation) => augment(pixels, augmentation, config);
}
