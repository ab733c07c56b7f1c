import * as tf from "@tensorflow/tfjs";
import type { Augmentation } from "./augmentation.ts";
import { blurImages } from "./blur.ts";
import { mixColours, rotateHue } from "./colour.ts";
import { colourSlots, type DrawnAugmentations } from "./draw.ts";
import { resampleImages } from "./resample.ts";

/** The parameters of a batch of views as tensors: inputs of a compiled {@linkcode augment}. */
export type AugmentationParameters = {
  /** Resampling of the crop down the rows, `[batch, size, canvas]`. */
  readonly rows: tf.Tensor3D;
  /** Resampling across the columns, flips included, `[batch, canvas, size]`. */
  readonly columns: tf.Tensor3D;
  /** Steps of colour jitter and grey, `[batch, slots, 3]`; see {@linkcode colourSlots}. */
  readonly colours?: tf.Tensor3D;
  /** Rotations of the hue, `[batch]`, in turns. */
  readonly hue?: tf.Tensor1D;
  /** Blur along one side, `[batch, size, size]`. */
  readonly blur?: tf.Tensor3D;
  /** 1 where an image is solarised, else 0, `[batch]`. */
  readonly solarize?: tf.Tensor1D;
};

/** Copies drawn parameters to tensors. The caller disposes of them. */
export function augmentationTensors(drawn: DrawnAugmentations): AugmentationParameters {
  const { batch, canvas, size, rows, columns, colours, hue, blur, solarize } = drawn;
  // A tree of tensors has no undefined entries, so what is not drawn must be absent.
  return {
    rows: tf.tensor3d(rows, [batch, size, canvas]),
    columns: tf.tensor3d(columns, [batch, canvas, size]),
    ...(colours && { colours: tf.tensor3d(colours, [batch, colours.length / batch / 3, 3]) }),
    ...(hue && { hue: tf.tensor1d(hue) }),
    ...(blur && { blur: tf.tensor3d(blur, [batch, size, size]) }),
    ...(solarize && { solarize: tf.tensor1d(solarize) }),
  };
}

/**
 * Computes the views of a batch, in the reference's order: crop and resize, flip, colour jitter,
 * grey, blur, solarise. A pure function of its inputs, without reads or gathers, so that it can be
 * compiled, alone or as part of a step; in float32, since bfloat16 has fewer steps than a byte.
 *
 * @param pixels `[batch, canvas, canvas, 3]`, 0 to 255.
 * @param parameters Parameters that were drawn for this augmentation and batch.
 * @returns `[batch, size, size, 3]` in [0, 1], not yet normalised.
 * @source UNIC, appendix A, and the published training script.
 *
 * @example
 * ```ts
 * import { augment, augmentationTensors, drawAugmentations } from "@hashigo/hashigo/augmentation";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { noAugmentation } from "./augmentation.ts";
 * import * as tf from "@tensorflow/tfjs";
 * await startEngine();
 * const config = { ...noAugmentation(16), grey: 0.2 };
 * const drawn = drawAugmentations(config, 24, randomStream(0), { epoch: 0, images: [5] });
 * const views = augment(tf.ones([1, 24, 24, 3]), augmentationTensors(drawn), config);
 * if (views.shape.join() !== "1,16,16,3") throw new Error("Expected one view of 16 px");
 * ```
 */
export function augment(
  pixels: tf.Tensor4D,
  parameters: AugmentationParameters,
  augmentation: Augmentation,
): tf.Tensor4D {
  const batch = pixels.shape[0];
  const { size } = augmentation;
  const { rows, columns, colours, hue, blur, solarize } = parameters;
  const crops = tf.div(resampleImages(pixels, rows, columns), 255);
  // Cubic resampling overshoots at edges; images of bytes are clipped there, too.
  let planes: tf.Tensor3D = tf.reshape(tf.clipByValue(crops, 0, 1), [batch, 3, size * size]);
  const { before, after } = colourSlots(augmentation);
  if (colours !== undefined) {
    const step = (slot: number): tf.Tensor2D =>
      tf.reshape(tf.slice(colours, [0, slot, 0], [batch, 1, 3]), [batch, 3]);
    for (let slot = 0; slot < before; slot++) planes = mixColours(planes, step(slot));
    if (hue !== undefined) planes = rotateHue(planes, hue);
    for (let slot = before; slot < before + after; slot++) planes = mixColours(planes, step(slot));
  }
  let views: tf.Tensor4D = tf.reshape(planes, [batch, 3, size, size]);
  if (blur !== undefined) views = blurImages(views, blur);
  if (solarize !== undefined && augmentation.solarize !== false) {
    views = invertAbove(views, solarize, augmentation.solarize.threshold);
  }
  return tf.transpose(views, [0, 2, 3, 1]);
}

/** Inverts the values at and above the threshold, in the images marked with 1. */
function invertAbove(images: tf.Tensor4D, marks: tf.Tensor1D, threshold: number): tf.Tensor4D {
  const isAbove = tf.cast(tf.greaterEqual(images, threshold), "float32");
  const inverted = tf.mul(isAbove, tf.reshape(marks, [-1, 1, 1, 1]));
  return tf.add(images, tf.mul(inverted, tf.sub(1, tf.mul(images, 2))));
}
