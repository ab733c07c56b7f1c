/** Reads the residual networks for images of 32 pixels from a PyTorch checkpoint. */
import { convolutionParameters } from "../../nn/convolutional/native_convolution.ts";
import type { StagesParameters } from "../../nn/convolutional/network.ts";
import { type ResNetCifarConfig, resNetCifarStages } from "../../nn/convolutional/resnet_cifar.ts";
import { layersOf } from "../../nn/convolutional/stage.ts";
import { UserError } from "../../errors/user_error.ts";
import type { FloatTensor } from "../../weights/host_tensor.ts";
import { foldBatchNorm } from "../../weights/torch/torch_tensors.ts";

/**
 * Takes parameters from a PyTorch checkpoint with the names `conv1`, `bn1`, `layer1.0.conv1`, …; batch
 * normalisation is folded in, or (`scaled`) its factors stay apart.
 *
 * @throws {UserError} Where tensors are missing or have other shapes.
 *
 * @example
 * ```ts
 * import { resNetCifarParameters } from "./resnet_cifar.ts";
 * let refused = false;
 * try {
 *   resNetCifarParameters(new Map());
 * } catch {
 *   refused = true;
 * }
 * if (!refused) throw new Error("No tensors, no network");
 * ```
 */
export function resNetCifarParameters(
  tensors: ReadonlyMap<string, FloatTensor>,
  { scaled }: { readonly scaled?: boolean | undefined } = {},
): { readonly config: ResNetCifarConfig; readonly parameters: StagesParameters } {
  const config = { blocks: countBlocks(tensors) };
  const stages = resNetCifarStages(config).map((stage, i) => {
    const named = layersOf(stage).map(({ name, layer }, position) => {
      const prefix = i === 0
        ? ""
        : `layer${Math.ceil(i / config.blocks)}.${(i - 1) % config.blocks}.`;
      const { kernel, inputs, outputs } = layer;
      const names = [`${prefix}conv${position + 1}`, `${prefix}bn${position + 1}`] as const;
      const shape = [kernel, kernel, inputs, outputs];
      return [name, readLayer(tensors, names, { shape, scaled })] as const;
    });
    return [`${i}`, Object.fromEntries(named)] as const;
  });
  return { config, parameters: { stages: Object.fromEntries(stages) } };
}

function readLayer(
  tensors: ReadonlyMap<string, FloatTensor>,
  [convolution, normalization]: readonly [string, string],
  { shape: expected, scaled }: {
    readonly shape: readonly number[];
    readonly scaled: boolean | undefined;
  },
) {
  const { weight, bias, scale } = foldBatchNorm(tensors, convolution, { normalization, scaled });
  if (weight.shape.join() === expected.join()) {
    return convolutionParameters(weight, bias.data, scale?.data);
  }
  throw new UserError(
    `Cannot read the network as a ResNet for CIFAR: found the weight "${convolution}" as ` +
      `[${weight.shape}], expected [${expected}]. Choose the family that the file belongs to`,
  );
}

/** Blocks of each resolution. */
function countBlocks(tensors: ReadonlyMap<string, FloatTensor>): number {
  let count = 1;
  while (tensors.has(`layer1.${count}.conv1.weight`)) count++;
  return count;
}
