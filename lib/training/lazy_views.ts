/** Views of a batch of images that are drawn on the engine when somebody first asks for them. */
import * as tf from "@tensorflow/tfjs";
import type { AugmentationParameters } from "../augmentation/augment.ts";
import { type HostImages, uploadImages } from "./batch.ts";

/** Views that are computed once at the most: where all that is made of them is kept, they never are. */
export interface LazyViews {
  /** `[batch, size, size, 3]` in [0, 1], owned by whoever disposes. */
  get(): Promise<tf.Tensor4D>;
  /** Frees the views, where they were computed. */
  dispose(): Promise<void>;
}

/**
 * The views of some images.
 *
 * @param views computes them from `pixels [batch, canvas, canvas, 3]` and what was drawn for them
 */
export function lazyViews(
  canvas: number,
  images: HostImages,
  views: (pixels: tf.Tensor4D, augmentation: AugmentationParameters) => Promise<tf.Tensor4D>,
): LazyViews {
  let computed: Promise<tf.Tensor4D> | undefined;
  const compute = async () => {
    const { pixels, augmentation } = uploadImages(canvas, images);
    try {
      return await views(pixels, augmentation);
    } finally {
      tf.dispose([pixels, augmentation]);
    }
  };
  return {
    get: () => computed ??= compute(),
    dispose: async () => {
      (await computed?.catch(() => undefined))?.dispose();
    },
  };
}
