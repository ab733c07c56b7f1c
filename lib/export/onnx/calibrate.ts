/** The ranges of a model's activations on images, by which they are quantised. */
import { elementTypes, encodeOnnx, type OnnxModel } from "./schema.ts";
import type { BackboneInput } from "../../teachers/input.ts";
import { loadOnnxRuntime, type OnnxOutput } from "./runtime.ts";
import { type ActivationStatistics, quantizeModel } from "./quantize_model.ts";

/** Images by which a model is quantised. */
export interface CalibrationImages {
  readonly images: readonly Uint8Array[];
  /** Size and normalisation. */
  readonly input: BackboneInput;
  /** Whether the model takes bytes. */
  readonly preprocessing: boolean;
}

/** Shares of an activation's numbers that are cut off below and above. */
const cutOff = 0.001;
/** Images at once, and numbers of each activation that are looked at of these. */
const batch = 16, looked = 4096;

/**
 * Quantises a model by what its activations are on images: of each tensor the range from the 0.1 to the 99.9 percentile.
 *
 * @param model of float32
 * @param seen images `[size, size, 3]` as bytes, and the input as which the model takes them
 * @param bits of the whole numbers, default 8
 * @throws {UserError} where ONNX Runtime cannot be loaded
 */
export async function calibrateModel(
  model: OnnxModel,
  seen: CalibrationImages,
  bits: number = 8,
): Promise<OnnxModel> {
  const values = new Set<string>();
  quantizeModel(model, (value) => {
    values.add(value);
    return { low: 0, high: 1, means: new Float32Array() };
  });
  const statistics = await measureStatistics(model, [...values], seen);
  return quantizeModel(model, (value) => statistics.get(value)!, bits);
}

async function measureStatistics(
  model: OnnxModel,
  values: readonly string[],
  { images, input, preprocessing }: CalibrationImages,
): Promise<Map<string, ActivationStatistics>> {
  const runtime = await loadOnnxRuntime();
  const session = await runtime.open(encodeOnnx(withOutputs(model, values)));
  const seen = values.map(() => new SeenActivation());
  try {
    for (let at = 0; at < images.length; at += batch) {
      const outputs = await session.run(
        runtime.feed(images.slice(at, at + batch), { input, preprocessing }),
      );
      seen.forEach((own, i) => own.add(outputs[`calibrated_${i}`]!));
    }
  } finally {
    await session.release();
  }
  return new Map(values.map((value, i) => [value, seen[i]!.statistics]));
}

/** Numbers of an activation that were looked at, and sums of its channels. */
class SeenActivation {
  readonly #numbers: number[] = [];
  #sums = new Float64Array();
  #count = 0;

  add({ data, dims }: OnnxOutput): void {
    const values = data as Float32Array, count = Math.min(looked, values.length);
    // Steps of the golden ratio look at all channels and places alike.
    for (let i = 0; i < count; i++) {
      this.#numbers.push(values[Math.floor(((i * 0.6180339887498949) % 1) * values.length)]!);
    }
    // Maps are [images, channels, rows, columns], tokens [images, tokens, channels].
    const axis = dims.length === 4 ? 1 : dims.length - 1, channels = dims[axis]!;
    const after = dims.slice(axis + 1).reduce((size, one) => size * one, 1);
    if (this.#sums.length === 0) this.#sums = new Float64Array(channels);
    values.forEach((value, i) => this.#sums[Math.floor(i / after) % channels]! += value);
    this.#count += values.length / channels;
  }

  get statistics(): ActivationStatistics {
    const values = Float32Array.from(this.#numbers).sort();
    const at = (share: number) => values[Math.round(share * (values.length - 1))]!;
    const means = Float32Array.from(this.#sums, (sum) => sum / this.#count);
    return { low: at(cutOff), high: at(1 - cutOff), means };
  }
}

/** The model with more outputs, `calibrated_0` and so on. */
function withOutputs(model: OnnxModel, values: readonly string[]): OnnxModel {
  const names = values.map((_, i) => `calibrated_${i}`);
  return {
    ...model,
    nodes: [
      ...model.nodes,
      ...values.map((value, i) => ({
        ...{ opType: "Identity", name: `${names[i]}_node`, attributes: {} },
        ...{ input: [value], output: [names[i]!] },
      })),
    ],
    outputs: [
      ...model.outputs,
      ...names.map((name) => ({ name, elementType: elementTypes.float32 })),
    ],
  };
}
