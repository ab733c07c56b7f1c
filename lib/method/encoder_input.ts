/** What the trained stages of a student take of a batch of images. */
import type * as tf from "@tensorflow/tfjs";
import { normalizeImages } from "../images/normalize.ts";
import { type EncoderParameters, encoderPrefix } from "../nn/encoder.ts";
import { resizeImages } from "../nn/resize.ts";
import type { StudentConfig } from "./student.ts";

/** What images are made into before they enter an encoder. */
export interface ImageInput {
  /** Height and width in pixels. */
  readonly size: number;
  /** Of each channel, for images in [0, 1]. */
  readonly mean: readonly number[];
  /** Of each channel. */
  readonly std: readonly number[];
}

/** A student, and the size and normalisation of its images. */
interface StudentInput {
  readonly student: StudentConfig;
  readonly input: ImageInput;
}

/**
 * What the trained stages take: images of the encoder's size, normalised, or what the frozen stages gave of
 * them beforehand.
 *
 * @param images `[batch, height, width, 3]` in [0, 1], or the result of {@linkcode frozenPrefix}.
 */
export function encoderInput(
  images: tf.Tensor4D | tf.Tensor3D,
  { student, input }: StudentInput,
): tf.Tensor4D | tf.Tensor3D {
  return student.freeze ? images : prepareImages(images as tf.Tensor4D, input);
}

/**
 * What the frozen stages of a student give of images: the input of those that are trained.
 *
 * @param encoder Parameters, of the frozen stages at least.
 * @param images `[batch, height, width, 3]` in [0, 1].
 */
export function frozenPrefix(
  encoder: EncoderParameters,
  images: tf.Tensor4D,
  { student, input }: StudentInput,
): tf.Tensor4D | tf.Tensor3D {
  return encoderPrefix(encoder, prepareImages(images, input), student.encoder, student.freeze ?? 0);
}

/**
 * Images as an encoder expects them: resized to its square input (bilinear with antialiasing, which keeps to
 * [0, 1]; the aspect ratio is not kept), then `(x - mean) / std` per channel.
 *
 * @param images `[batch, height, width, 3]` in [0, 1].
 * @returns `[batch, size, size, 3]`.
 */
export function prepareImages(images: tf.Tensor4D, input: ImageInput): tf.Tensor4D {
  return normalizeImages(resizeImages(images, [input.size, input.size]), input);
}
