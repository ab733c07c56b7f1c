import * as tf from "@tensorflow/tfjs";
import { prepareImages } from "../method/encoder_input.ts";
import type { BackboneInput } from "./input.ts";

/**
 * Images as a network expects them: resized to its square input (bilinear with antialiasing, which
 * keeps to [0, 1]; the aspect ratio is not kept), then `(x - mean) / std` per channel.
 *
 * @param images `[batch, height, width, 3]` in [0, 1].
 * @returns `[batch, size, size, 3]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { preprocess } from "@hashigo/hashigo/teachers";
 * await startEngine();
 * const input = { size: 4, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
 * const images = preprocess(tf.ones([1, 8, 8, 3]), input);
 * if (images.shape.join() !== "1,4,4,3") throw new Error();
 * ```
 */
export function preprocess(images: tf.Tensor4D, input: BackboneInput): tf.Tensor4D {
  return tf.tidy(() => prepareImages(images, input));
}
