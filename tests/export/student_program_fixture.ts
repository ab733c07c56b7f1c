/** Students whose numbers are a formula, for tests/golden/export/student_program.py and its test. */
import * as tf from "@tensorflow/tfjs";
import { initEncoder } from "../../lib/nn/encoder.ts";
import type { EncoderConfig } from "../../lib/nn/encoder.ts";
import { encodeStudent } from "../../lib/teachers/student_file.ts";
import { namedTensors } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";

/** Every kind of student that a recipe can describe. */
export const studentConfigs: { readonly [name: string]: EncoderConfig } = {
  "a patch embedding": { imageSize: 16, patchSize: 8, width: 12, depth: 2, heads: 3, mlpRatio: 2 },
  "a stem of convolutions": {
    ...{ imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2, stem: "convolution" },
    ...{ registers: 3, layerScale: 0.1 },
  },
  "pruned blocks": {
    ...{ imageSize: 16, patchSize: 8, width: 12, depth: 2, heads: 3 },
    ...{ hiddenWidths: [7, 20], headCounts: [1, 2], queryWidths: [4, 3] },
  },
  // Stages at 8 pixels and less are dilated; the last map has 2 x 2 places.
  "inverted residuals, dilated": {
    ...{ kind: "mobilenet_v2", imageSize: 32, widthMultiplier: 0.25, depthMultiplier: 0.5 },
    ...{ outputStride: 16, head: false } as const,
  },
  "inverted residuals of several sizes, scaled": {
    ...{ kind: "efficientnet_lite", imageSize: 40, widthMultiplier: 0.25, depthMultiplier: 0.5 },
    scaled: true,
  },
  "pruned inverted residuals": {
    ...{ kind: "mobilenet_v2", imageSize: 32, widthMultiplier: 0.25, depthMultiplier: 0.3 },
    // The second has as many channels as come in, but is expanded.
    hiddenWidths: [10, 8, 9, 13, 30, 50, 40],
  },
  "pruned basic blocks": {
    ...{ kind: "resnet_cifar", imageSize: 18, blocks: 1, widthMultiplier: 0.5 },
    hiddenWidths: [3, 10, 20],
  },
  "basic blocks": { kind: "resnet_cifar", imageSize: 18, blocks: 2, widthMultiplier: 0.5 },
  "projected basic blocks": { kind: "resnet", imageSize: 40, layers: 18, widthMultiplier: 0.125 },
  bottlenecks: { kind: "resnet", imageSize: 33, layers: 50, widthMultiplier: 0.125, scaled: true },
};

/** The file of a student: numbers around 0, around 1 for scales. The engine must have been started. */
export function studentFile(config: EncoderConfig): Uint8Array {
  const parameters = namedTensors(initEncoder(config, randomStream(0)));
  const tensors = new Map(parameters.map(([name, { shape, size }], i) => {
    const centre = /norm\d?\.weight$|scale\d?$/.test(name) ? 1 : 0;
    // Convolutions of many inputs keep the size of activations.
    const amplitude = shape.length === 4
      ? 1.5 / Math.sqrt(size / shape[3]! / (depthwise(name) ? shape[2]! : 1))
      : 0.3;
    const data = Float32Array.from(
      { length: size },
      (_, at) => centre + amplitude * Math.sin(12.9898 * at + i),
    );
    return [`encoder.${name}`, { shape, data }] as const;
  }));
  tf.dispose(parameters.map(([, tensor]) => tensor));
  return encodeStudent(tensors, config);
}

function depthwise(name: string): boolean {
  return name.endsWith("depthwise.weight");
}
