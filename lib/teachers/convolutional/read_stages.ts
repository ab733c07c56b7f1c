import { createHash } from "node:crypto";
import { convolutionParameters } from "../../nn/convolutional/native_convolution.ts";
import type { StagesParameters } from "../../nn/convolutional/network.ts";
import { convolutionalStages } from "../../nn/convolutional/convolutional_config.ts";
import { layersOf } from "../../nn/convolutional/stage.ts";
import { assertFiniteWeights } from "../../weights/assert_finite_weights.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";
import { foldBatchNorm } from "../../weights/torch/torch_tensors.ts";
import type { FoundConvolutional } from "./find_networks.ts";

/**
 * Reads the parameters of a network that fits its family; batch normalisation is folded into weights and
 * biases, or its factors stay apart. Where a number is refused, no tensor stays in memory.
 *
 * @param options epsilon: added to variances; features: what else the features depend on;
 *   scaled: whether factors stay apart, default false.
 * @returns The parameters, and the SHA-256 of their numbers and of `features`.
 * @throws {UserError} Where a number is not finite, or a variance is negative.
 */
export function readStages(
  { checkpoint, fit: { layout } }: FoundConvolutional,
  { epsilon, features, scaled = false }: {
    readonly epsilon: number;
    readonly features: readonly unknown[];
    readonly scaled?: boolean | undefined;
  },
): { readonly parameters: StagesParameters; readonly digest: string } {
  const hash = createHash("sha256");
  const stages = convolutionalStages(layout.config);
  hash.update(JSON.stringify(["convolutional features 1", stages, ...features]));
  const folded = stages.map((stage, i) =>
    layersOf(stage).map(({ name, layer: { depthwise = false } }) => {
      const { convolution, normalization } = layout.names(i, name);
      const names = [
        `${convolution}.weight`,
        ...["weight", "bias", "running_mean", "running_var"].map((part) =>
          `${normalization}.${part}`
        ),
      ];
      const tensors = new Map(names.map((name) => [name, finite(checkpoint, name)]));
      const { weight, bias, scale } = foldBatchNorm(tensors, convolution, {
        ...{ normalization, epsilon, scaled },
      });
      const where = { name: `${normalization}.running_var`, source: checkpoint.source };
      assertFiniteWeights(bias.data, where); // a negative variance has no root
      hash.update(bytesOf(weight.data)).update(bytesOf(bias.data));
      if (scale !== undefined) hash.update(bytesOf(scale.data));
      return { name, weight: depthwise ? channelsFirst(weight) : weight, bias, scale };
    })
  );
  const entries = folded.map((layers, i) => {
    const parameters = layers.map(({ name, weight, bias, scale }) =>
      [name, convolutionParameters(weight, bias.data, scale?.data)] as const
    );
    return [`${i}`, Object.fromEntries(parameters)] as const;
  });
  return { parameters: { stages: Object.fromEntries(entries) }, digest: hash.digest("hex") };
}

function finite(checkpoint: FoundConvolutional["checkpoint"], name: string): FloatTensor {
  const data = assertFiniteWeights(checkpoint.read(name), { name, source: checkpoint.source });
  return { shape: checkpoint.tensors.get(name)?.shape ?? [], data };
}

/** A depthwise weight `[height, width, 1, channels]` as `[height, width, channels, 1]`: the same numbers. */
function channelsFirst(
  { shape: [height = 0, width = 0, one = 1, channels = 0], data }: FloatTensor,
) {
  return { shape: [height, width, channels, one], data };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
