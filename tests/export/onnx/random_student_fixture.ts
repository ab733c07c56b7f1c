/** Students of random weights, in files. */
import { encodeStudent } from "../../../lib/teachers/student_file.ts";
import { type EncoderConfig, encoderShapes } from "../../../lib/nn/encoder.ts";
import { layoutOfShapes } from "../../../lib/tensors/shapes.ts";
import { randomStream } from "../../../lib/tensors/random.ts";
import type { BackboneInput } from "../../../lib/teachers/input.ts";

/**
 * The bytes of a `student.safetensors` whose weights keep activations within bounds. None is zero, as residual
 * branches are at the start of a run.
 */
export function randomStudent(
  config: EncoderConfig,
  metadata: Record<string, string> = {},
  input?: BackboneInput,
): Uint8Array {
  const { entries } = layoutOfShapes(encoderShapes(config));
  const random = randomStream(7);
  const tensors = entries.map(({ name, shape, size }) => {
    const fanIn = shape.length > 1 ? size / shape.at(-1)! : 1;
    const isScale = shape.length === 1 && /(weight|scale\d?)$/.test(name);
    // A filter of one channel has few inputs.
    const deviation = isScale ? 0.2 : shape.length > 1 ? Math.sqrt(1 / Math.min(fanIn, size)) : 0.3;
    const values = random.at(name).normal(size);
    const data = Float32Array.from(values, (value) => (isScale ? 1 : 0) + deviation * value);
    return [`encoder.${name}`, { shape: [...shape], data }] as const;
  });
  return encodeStudent(new Map(tensors), config, metadata, input);
}
