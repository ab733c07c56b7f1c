import { efficientNetLiteStages } from "../../nn/convolutional/efficientnet_lite.ts";
import type { ConvolutionalFamily, LayerNames } from "./family.ts";

/** Lite0 to Lite4: factors of channels and of blocks, and the size of their images. */
const sizes = [
  { widthMultiplier: 1, depthMultiplier: 1, imageSize: 224 },
  { widthMultiplier: 1, depthMultiplier: 1.1, imageSize: 240 },
  { widthMultiplier: 1.1, depthMultiplier: 1.2, imageSize: 260 },
  { widthMultiplier: 1.2, depthMultiplier: 1.4, imageSize: 280 },
  { widthMultiplier: 1.4, depthMultiplier: 1.8, imageSize: 300 },
] as const;

/** Mean and deviation of pixels from 0 to 255, as the networks were trained with them, in [0, 1]. */
const mean = 127 / 255, std = 128 / 255;

/**
 * EfficientNet-Lite0 to -Lite4 under the names of the PyTorch files that were made of TensorFlow's
 * (`_conv_stem`, `_blocks.0._depthwise_conv`, `_conv_head`).
 *
 * - Padded by TensorFlow's rule, batch norms with 1e-3, ReLU6.
 * - The last map has the patches, their mean stands for CLS. The classifier (`_fc.`) is not read.
 */
export const efficientNetLite: ConvolutionalFamily = {
  normalization: { mean: [mean, mean, mean], std: [std, std, std] },
  licence: "Apache-2.0",
  epsilon: 1e-3,
  anchor: "_conv_stem.weight",
  ignored: [/^_fc\./],
  layout: (tensors) => {
    const [, last] = tensors.get("_conv_head.weight")?.shape ?? [];
    const candidates = sizes.map((size) => {
      const config = { kind: "efficientnet_lite", ...size } as const;
      return { config, stages: efficientNetLiteStages(config) };
    });
    const fits = candidates.find(({ stages }) =>
      stages.at(-1)?.inputs === last && tensors.has(convolutionName(stages.length - 2)) &&
      !tensors.has(convolutionName(stages.length - 1))
    );
    const { config, stages } = fits ?? candidates[0]!;
    return { config, names: (stage, layer) => namesOf(stage, layer, stages.length) };
  },
};

/** The name of the weight that every block has. */
function convolutionName(stage: number): string {
  return `_blocks.${stage - 1}._depthwise_conv.weight`;
}

function namesOf(stage: number, layer: string, count: number): LayerNames {
  if (stage === 0) return { convolution: "_conv_stem", normalization: "_bn0" };
  if (stage === count - 1) return { convolution: "_conv_head", normalization: "_bn1" };
  const at = `_blocks.${stage - 1}.`, place = ["expand", "depthwise", "project"].indexOf(layer);
  return { convolution: `${at}_${layer}_conv`, normalization: `${at}_bn${place}` };
}
