import {
  convolutionParameters,
  type NativeConvolution,
} from "../../nn/convolutional/native_convolution.ts";
import { UserError } from "../../errors/user_error.ts";
import type { TfliteLayer } from "../../weights/tflite_tensors.ts";

/** A layer that an architecture expects. */
export interface ExpectedLayer extends Omit<TfliteLayer, "weight" | "bias" | "name"> {
  /** Shape of the weight, `[height, width, in, out]` or `[height, width, channels, 1]`. */
  readonly shape: readonly number[];
}

/**
 * Takes the parameters of a layer, which must be the one that an architecture expects.
 *
 * @param layer The next layer of the file, or undefined where it ends.
 * @param network Names the architecture in errors.
 * @throws {UserError} Where the layer is another one.
 */
export function expectLayer(
  layer: TfliteLayer | undefined,
  expected: ExpectedLayer,
  network: string,
): NativeConvolution {
  const expectation = describe(expected);
  const actual = layer ? describe({ ...layer, shape: layer.weight.shape }) : "no further layer";
  if (layer === undefined || actual !== expectation) {
    throw new UserError(
      `Cannot read the network as ${network}: found ${actual}, expected ${expectation}. ` +
        "Choose the family that the file belongs to",
    );
  }
  return convolutionParameters(layer.weight, layer.bias.data);
}

function describe({ kind, shape, stride, dilation, activation }: ExpectedLayer): string {
  return `${kind} [${shape}], stride ${stride}, dilation ${dilation}, ${activation}`;
}
