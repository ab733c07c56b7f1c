/** A small convolutional network whose stages are known. */
import * as tf from "@tensorflow/tfjs";
import { initEncoder } from "../../../lib/nn/encoder.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import type { Backbone, Predictor } from "../../../lib/teachers/backbone.ts";
import { encoderBackbone } from "../../../lib/teachers/encoder_backbone.ts";

/** Stages 0 to 3 of 16, 16, 32 and 64 channels on grids of 8, 8, 4 and 2. */
export const smallConfig = { kind: "resnet_cifar", blocks: 1, imageSize: 8 } as const;

/** A network of that shape with drawn weights. */
export function smallNetwork(seed = 0): Backbone {
  return encoderBackbone({
    name: "small",
    family: "resnet_cifar",
    licence: "Apache-2.0",
    digest: `small ${seed}`,
    config: smallConfig,
    parameters: initEncoder(smallConfig, randomStream(seed)),
    input: { size: 8, mean: [0, 0, 0], std: [1, 1, 1] },
  });
}

/** Predicts of the teacher "colour" the first three channels of the stem, for the image and on 8 x 8 places. */
export const colourPredictor: Predictor = {
  teachers: [{ name: "colour", width: 3, tokens: ["cls", "patch"], grid: [8, 8] }],
  stages: [0],
  parameterCount: 7,
  digest: "colours",
  predict: (outputs) => {
    const part = tf.slice(outputs[0]!, [0, 0, 0], [-1, -1, 3]);
    const [cls, patch] = tf.split(part, [1, 64], 1) as [tf.Tensor3D, tf.Tensor3D];
    return { colour: { cls: tf.squeeze<tf.Tensor2D>(cls, [1]), patch } };
  },
};
