/** Shapes of the parameters of networks, known from their configurations without a tensor. */
import { countShapes, type ShapesOf } from "../tensors/shapes.ts";
import { attentionWidths } from "./attention.ts";
import { blockConfigOf } from "./block_shapes.ts";
import { type BlockConfig, type BlockParameters, hiddenWidth } from "./block.ts";
import { type ConvolutionStemParameters, stemChannels } from "./convolution_stem.ts";
import type { LayerNormParameters } from "./layer_norm.ts";
import type { LinearParameters } from "./linear.ts";
import {
  checkVisionTransformer,
  studentGrid,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "./vision_transformer.ts";

/** Shapes of `initLinear`. */
export function linearShapes(inputs: number, outputs: number): ShapesOf<LinearParameters> {
  return { weight: [inputs, outputs], bias: [outputs] };
}

/** Shapes of `initLayerNorm`. */
function layerNormShapes(width: number): ShapesOf<LayerNormParameters> {
  return { weight: [width], bias: [width] };
}

/** Shapes of `initBlock`. */
export function blockShapes(config: BlockConfig): ShapesOf<BlockParameters> {
  const { width, layerScale } = config, hidden = hiddenWidth(config);
  const { queries, values } = attentionWidths(config);
  return {
    norm1: layerNormShapes(width),
    attention: {
      qkv: linearShapes(width, 2 * queries + values),
      output: linearShapes(values, width),
    },
    norm2: layerNormShapes(width),
    mlp: { hidden: linearShapes(width, hidden), output: linearShapes(hidden, width) },
    // Absent rather than undefined: each key is a tensor of the file.
    ...layerScale !== undefined && { scale1: [width], scale2: [width] },
  };
}

/**
 * Shapes of `initVisionTransformer`.
 *
 * @throws {UserError} Where sizes do not divide.
 */
export function visionTransformerShapes(
  config: VisionTransformerConfig,
): ShapesOf<VisionTransformerParameters> {
  checkVisionTransformer(config);
  const { width, depth, patchSize, registers } = config, [rows, columns] = studentGrid(config);
  const blocks = Array.from({ length: depth }, (_, i) => blockShapes(blockConfigOf(config, i)));
  return {
    cls: [1, width],
    // Absent rather than undefined: each key is a tensor of the file.
    ...registers && { registers: [registers, width] },
    position: [1 + rows * columns, width],
    stem: config.stem === "convolution"
      ? convolutionStemShapes(config)
      : linearShapes(patchSize ** 2 * 3, width),
    blocks: Object.fromEntries(blocks.entries()),
    norm: layerNormShapes(width),
  };
}

function convolutionStemShapes(
  config: VisionTransformerConfig,
): ShapesOf<ConvolutionStemParameters> {
  const channels = stemChannels(config);
  const stages = channels.map((outputs, i) => ({
    convolution: linearShapes(9 * (channels[i - 1] ?? 3), outputs),
    norm: layerNormShapes(outputs),
  }));
  return {
    stages: Object.fromEntries(stages.entries()),
    output: linearShapes(config.width, config.width),
  };
}

/**
 * Counts the parameters of a vision transformer from its shape alone.
 *
 * @example
 * ```ts
 * import { countVisionTransformer } from "@hashigo/hashigo/nn";
 * const base = { imageSize: 224, patchSize: 16, width: 768, depth: 12, heads: 12 };
 * if (countVisionTransformer(base) !== 85_798_656) throw new Error("Expected ViT-B/16");
 * ```
 */
export function countVisionTransformer(config: VisionTransformerConfig): number {
  return countShapes(visionTransformerShapes(config));
}
