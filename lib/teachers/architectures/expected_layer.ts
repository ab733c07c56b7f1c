import { type FrozenConvolution, frozenParameters } from "../../nn/frozen_convolution.ts";
import { UserError } from "../../errors/user_error.ts";
import type { TfliteLayer } from "../../weights/tflite_tensors.ts";

/** What an architecture expects of a layer. */
export interface ExpectedLayer extends Omit<TfliteLayer, "weight" | "bias" | "name"> {
  /** Shape of the weight, `[height, width, in, out]` or `[height, width, channels, 1]`. */
  readonly shape: readonly number[];
}

/**
 * The parameters of a layer that an architecture expects.
 *
 * @param found The next layer of the file, or undefined where it ends.
 * @param network Names the architecture in errors.
 * @throws {UserError} Where the layer is another one.
 */
export function expectLayer(
  found: TfliteLayer | undefined,
  expected: ExpectedLayer,
  network: string,
): FrozenConvolution {
  const wanted = describe(expected);
  const met = found ? describe({ ...found, shape: found.weight.shape }) : "no further layer";
  if (found === undefined || met !== wanted) {
    throw new UserError(
      `Cannot read the network as ${network}: found ${met}, expected ${wanted}. ` +
        "Choose the family that the file belongs to",
    );
  }
  return frozenParameters(found.weight, found.bias.data);
}

function describe({ kind, shape, stride, dilation, activation }: ExpectedLayer): string {
  return `${kind} [${shape}], stride ${stride}, dilation ${dilation}, ${activation}`;
}
