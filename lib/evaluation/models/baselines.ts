/** What learnt features must beat: a network that was never trained, and the image itself. */
import * as tf from "@tensorflow/tfjs";
import { imagenetNormalization } from "../../images/normalize.ts";
import { resizeImages } from "../../nn/resize.ts";
import { initEncoder } from "../../nn/encoder.ts";
import type { EncoderConfig } from "../../nn/encoder.ts";
import type { Backbone } from "../../teachers/backbone.ts";
import type { BackboneInput } from "../../teachers/input.ts";
import { encoderBackbone } from "../../teachers/encoder_backbone.ts";
import { randomStream } from "../../tensors/random.ts";

const smallTransformer: EncoderConfig = {
  imageSize: 64,
  patchSize: 8,
  width: 192,
  depth: 6,
  heads: 3,
};

/** An encoder with its first weights, always the same. Default: a small transformer. */
export function randomBackbone(
  name: string,
  config: EncoderConfig = smallTransformer,
  input: BackboneInput = { size: config.imageSize, ...imagenetNormalization },
): Backbone {
  return encoderBackbone({
    name,
    family: config.kind ?? "vision_transformer",
    licence: "Apache-2.0",
    digest: `random ${JSON.stringify(config)}`,
    config,
    parameters: initEncoder(config, randomStream(0).at("random encoder")),
    input,
  });
}

/** Colours of 32 x 32 areas, `[batch, 3072]`. */
export function pixelBackbone(): Backbone {
  const side = 32;
  return {
    name: "pixels",
    family: "pixels",
    licence: "Apache-2.0",
    digest: "", // made anew in less time than it takes to read them
    input: { size: side, mean: [0, 0, 0], std: [1, 1, 1] },
    width: 3 * side * side,
    tokens: ["cls"],
    parameterCount: 0,
    grid: () => [1, 1],
    features: (images) =>
      tf.tidy(() => ({
        cls: tf.reshape<tf.Rank.R2>(resizeImages(images, [side, side]), [-1, 3 * side * side]),
      })),
    dispose: () => {},
  };
}
