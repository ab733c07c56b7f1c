import { type ResNetConfig, resNetStages } from "../../nn/convolutional/resnet.ts";
import type { CheckpointTensors } from "../families/checkpoint_tensors.ts";
import { imagenet } from "../families/tensor_names.ts";
import type { ConvolutionalFamily, LayerNames } from "./family.ts";

/**
 * ResNet-18, -34 and -50 under the names of torchvision (`conv1`, `bn1`, `layer1.0.conv1`,
 * `layer2.0.downsample`), also of other widths.
 *
 * - ResNet-50 strides in the 3 x 3 convolution of its bottlenecks, as torchvision's does.
 * - The last map has the patches, their mean stands for CLS. The classifier (`fc.`) is not read.
 */
export const resNet: ConvolutionalFamily = {
  normalization: imagenet,
  licence: "NOASSERTION",
  epsilon: 1e-5,
  // "conv1.weight" also ends names within blocks.
  anchor: "layer1.0.conv1.weight",
  ignored: [/^fc\./],
  layout: (tensors) => {
    const stem = tensors.get("conv1.weight")?.shape[0] ?? 64;
    const config = {
      ...{ kind: "resnet", imageSize: 224, layers: layersOf(tensors) } as const,
      widthMultiplier: stem / 64,
    };
    const stages = resNetStages(config);
    const blocks = blockNames(stages);
    return { config, names: (stage, layer) => namesOf(blocks[stage - 1], layer) };
  },
};

/** Blocks with a third convolution are ResNet-50's; of the others, 34 has more than 18. */
function layersOf(tensors: CheckpointTensors["tensors"]): ResNetConfig["layers"] {
  if (tensors.has("layer1.0.conv3.weight")) return 50;
  return tensors.has("layer3.2.conv1.weight") ? 34 : 18;
}

/** `layer2.0` and so on, of every stage but the stem: a layer begins where a block strides. */
function blockNames(stages: readonly { readonly stride: number }[]): string[] {
  let layer = 1, block = -1;
  return stages.slice(1).map(({ stride }) => {
    [layer, block] = stride > 1 ? [layer + 1, 0] : [layer, block + 1];
    return `layer${layer}.${block}`;
  });
}

function namesOf(block: string | undefined, layer: string): LayerNames {
  if (block === undefined) return { convolution: "conv1", normalization: "bn1" };
  if (layer === "shortcut") {
    return { convolution: `${block}.downsample.0`, normalization: `${block}.downsample.1` };
  }
  const place = 1 + ["first", "second", "third"].indexOf(layer);
  return { convolution: `${block}.conv${place}`, normalization: `${block}.bn${place}` };
}
