/** Run by gradient_process_test.ts in another process: the gradient of a small network, on the engine there. */
import * as tf from "@tensorflow/tfjs";
import { startEngine } from "../../../lib/engine/backend.ts";
import { gradientsBy } from "../../../lib/nn/convolutional/differentiable_convolution.ts";
import { initStages, mapMean, stageMaps } from "../../../lib/nn/convolutional/network.ts";
import type { Stage } from "../../../lib/nn/convolutional/stage.ts";
import { flatten, layoutOf } from "../../../lib/tensors/parameters.ts";
import { valueAndGradient } from "../../../lib/tensors/gradient.ts";
import { randomStream } from "../../../lib/tensors/random.ts";

const stages: readonly Stage[] = [
  { kind: "convolution", kernel: 3, inputs: 3, outputs: 4, stride: 2, activation: "relu6" },
  { kind: "invertedResidual", kernel: 3, inputs: 4, hidden: 8, outputs: 4, stride: 1 },
  { kind: "invertedResidual", kernel: 3, inputs: 4, hidden: 8, outputs: 6, stride: 2 },
];

/** The gradient of the mean square of the last map, and where those of convolutions come from. */
export async function smallGradient(): Promise<{ by: string; gradient: number[] }> {
  await startEngine();
  let by = "";
  const gradient = tf.tidy(() => {
    // A branch ends in zeros at first, which would hide what lies before them.
    const fresh = initStages(stages, randomStream(0)), layout = layoutOf(fresh);
    const noise = tf.tensor1d(randomStream(1).normal(layout.size)).mul<tf.Tensor1D>(0.3);
    const images = tf.tensor4d(randomStream(2).normal(2 * 8 * 8 * 3), [2, 8, 8, 3]);
    return valueAndGradient(
      (parameters) => {
        by = gradientsBy();
        const map = stageMaps(parameters, images, stages).at(-1)!;
        return { value: tf.mean(tf.square(mapMean(map))).asScalar(), others: {} };
      },
      tf.add<tf.Tensor1D>(flatten(fresh, layout), noise),
      layout,
    ).gradient;
  });
  return { by, gradient: [...await gradient.data()] };
}

if (import.meta.main) console.log(JSON.stringify(await smallGradient()));
