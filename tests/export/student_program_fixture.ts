/** Students whose numbers are a formula, for tests/golden/student_program.py and its test. */
import * as tf from "@tensorflow/tfjs";
import {
  initVisionTransformer,
  type VisionTransformerConfig,
} from "../../lib/nn/vision_transformer.ts";
import { encodeStudent } from "../../lib/runs/student_file.ts";
import { namedTensors } from "../../lib/tensors/parameters.ts";
import { randomStream } from "../../lib/tensors/random.ts";

/** Every kind of student that a recipe can describe. */
export const studentConfigs: { readonly [name: string]: VisionTransformerConfig } = {
  "a patch embedding": { imageSize: 16, patchSize: 8, width: 12, depth: 2, heads: 3, mlpRatio: 2 },
  "a stem of convolutions": {
    ...{ imageSize: 16, patchSize: 4, width: 16, depth: 2, heads: 2, stem: "convolution" },
    ...{ registers: 3, layerScale: 0.1 },
  },
};

/** The file of a student: numbers around 0, around 1 for scales. The engine must have been started. */
export function studentFile(config: VisionTransformerConfig): Uint8Array {
  const parameters = namedTensors(initVisionTransformer(config, randomStream(0)));
  const tensors = new Map(parameters.map(([name, { shape, size }], i) => {
    const centre = /norm\d?\.weight$|scale\d$/.test(name) ? 1 : 0;
    const data = Float32Array.from(
      { length: size },
      (_, at) => centre + 0.3 * Math.sin(12.9898 * at + i),
    );
    return [`encoder.${name}`, { shape, data }] as const;
  }));
  tf.dispose(parameters.map(([, tensor]) => tensor));
  return encodeStudent(tensors, config);
}
