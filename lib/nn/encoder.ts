/**
 * One interface for the networks that a student can be: a vision transformer, or stages of convolutions.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../tensors/random.ts";
import type { ShapesOf } from "../tensors/shapes.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "./convolutional/convolutional_config.ts";
import {
  initStages,
  mapMean,
  mapTokens,
  stageGrids,
  stageMaps,
  type StagesParameters,
  stagesShapes,
} from "./convolutional/network.ts";
import { keepPatches, type KeptTokens } from "./kept_tokens.ts";
import { layerNorm } from "./layer_norm.ts";
import { visionTransformerShapes } from "./parameter_shapes.ts";
import { removeRegisters } from "./registers.ts";
import type { Grid } from "./token_grid.ts";
import { transformerBlocks } from "./transformer_blocks.ts";
import {
  embedImages,
  encode as encodeByTransformer,
  type EncodedTokens,
  initVisionTransformer,
  splitTokens,
  studentGrid,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "./vision_transformer.ts";

/** Shape of an encoder, by its `kind`; without one it is a transformer. */
export type EncoderConfig =
  | ({ readonly kind?: "transformer" } & VisionTransformerConfig)
  | ConvolutionalConfig;

/** Parameters of an encoder. */
export type EncoderParameters = VisionTransformerParameters | StagesParameters;

/** What a stage gives: tokens of a width on a grid. */
export interface StageShape {
  /** Numbers per token. */
  readonly width: number;
  /** Rows and columns of its patch tokens. */
  readonly grid: Grid;
}

/** The names of the encoders. */
export type EncoderKind = NonNullable<EncoderConfig["kind"]>;

/** Whether an encoder is a vision transformer. */
export function isTransformer(
  config: EncoderConfig,
): config is { readonly kind?: "transformer" } & VisionTransformerConfig {
  return config.kind === undefined || config.kind === "transformer";
}

/**
 * Width and grid of the output of every stage: the blocks of a transformer, all of one shape, or the stem,
 * blocks and head of a convolutional network.
 *
 * @example
 * ```ts
 * import { encoderStages } from "@hashigo/hashigo/nn";
 * const stages = encoderStages({ kind: "mobilenet_v2", imageSize: 96 });
 * const { width, grid } = stages.at(-1)!;
 * if (stages.length !== 19 || width !== 1280 || grid.join() !== "3,3") throw new Error();
 * ```
 */
export function encoderStages(config: EncoderConfig): StageShape[] {
  if (isTransformer(config)) {
    const { depth, width } = config, grid = studentGrid(config);
    return Array.from({ length: depth }, () => ({ width, grid }));
  }
  const stages = convolutionalStages(config), grids = stageGrids(stages, config.imageSize);
  return stages.map(({ outputs }, i) => ({ width: outputs, grid: grids[i]! }));
}

/**
 * Parameters of an encoder from scratch.
 *
 * @throws {UserError} Where sizes do not divide.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initEncoder } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { kind: "resnet_cifar", blocks: 1, imageSize: 32 } as const;
 * if (!("stages" in initEncoder(config, randomStream(0)))) throw new Error("Expected stages");
 * ```
 */
export function initEncoder(config: EncoderConfig, random: RandomStream): EncoderParameters {
  return isTransformer(config)
    ? initVisionTransformer(config, random)
    : initStages(convolutionalStages(config), random, config);
}

/**
 * Shapes of {@linkcode initEncoder}.
 *
 * @throws {UserError} Where sizes do not divide.
 */
export function encoderShapes(config: EncoderConfig): ShapesOf<EncoderParameters> {
  return isTransformer(config)
    ? visionTransformerShapes(config)
    : stagesShapes(convolutionalStages(config), config);
}

/** Options of {@linkcode encoderOutputs}. */
export interface EncoderOutputsOptions {
  /** Factors of a transformer's residual branches, `[depth, 2, batch]`. Default: nothing drops. */
  readonly dropPath?: tf.Tensor3D | undefined;
  /** The first stage to compute; what is given is then the result of {@linkcode encoderPrefix}. Default 0. */
  readonly from?: number | undefined;
  /** Stages whose outputs are wanted. Default: all that are known. */
  readonly stages?: readonly number[] | undefined;
  /** The patches that enter a transformer. Default: all. */
  readonly kept?: KeptTokens | undefined;
  /** Whether of a convolutional network the mean alone is given, `[batch, 1, width]`. Default false. */
  readonly clsOnly?: boolean | undefined;
  /** Whether the gradient computes each stage once more instead of keeping what is inside. Default false. */
  readonly recompute?: boolean | undefined;
}

/**
 * Computes the raw output of every stage as tokens `[batch, 1 + patches, width]`: CLS or, of a
 * convolutional network, the mean over all places, and then the patches row by row.
 *
 * @param input Images `[batch, height, width, 3]`, normalised; or what {@linkcode encoderPrefix} gave.
 * @returns By number of the stage; those that are not wanted, or lie inside the prefix, are undefined.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { encoderOutputs, initEncoder } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { kind: "resnet_cifar", blocks: 1, imageSize: 32 } as const;
 * const outputs = encoderOutputs(initEncoder(config, randomStream(0)), tf.zeros<tf.Rank.R4>([2, 32, 32, 3]), config);
 * if (outputs.at(-1)?.shape.join() !== "2,65,64") throw new Error("Expected the mean and 8 x 8");
 * ```
 */
export function encoderOutputs(
  parameters: EncoderParameters,
  input: tf.Tensor4D | tf.Tensor3D,
  config: EncoderConfig,
  options: EncoderOutputsOptions = {},
): (tf.Tensor3D | undefined)[] {
  const { dropPath, from = 0, stages: wanted, clsOnly = false, recompute } = options;
  const isWanted = (stage: number) => wanted?.includes(stage) ?? true;
  if (isTransformer(config)) {
    const transformer = parameters as VisionTransformerParameters;
    const all = from ? input : embedImages(transformer, input as tf.Tensor4D, config);
    const tokens = keepPatches(all as tf.Tensor3D, options.kept);
    const outputs = transformerBlocks(transformer.blocks, tokens, config, {
      dropPath,
      from,
      recompute,
    });
    return Array.from({ length: config.depth }, (_, stage) => {
      const output = stage === from - 1 ? tokens : outputs[stage - from];
      return output && isWanted(stage) ? removeRegisters(output, config.registers ?? 0) : undefined;
    });
  }
  const stages = convolutionalStages(config), images = input as tf.Tensor4D;
  const maps = stageMaps(parameters as StagesParameters, images, stages, { from, recompute });
  return stages.map((_, stage) => {
    const map = stage === from - 1 ? images : maps[stage - from];
    if (map === undefined || !isWanted(stage)) return undefined;
    return clsOnly ? mapMean(map) : mapTokens(map);
  });
}

/**
 * Computes the first stages alone: what the next stage takes, `[batch, height, width, channels]`, or of a
 * transformer `[batch, tokens, width]` with its registers.
 *
 * @param images `[batch, height, width, 3]`, normalised.
 * @param count Stages to compute; of none, the images.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { encoderPrefix, initEncoder } from "./encoder.ts";
 * await startEngine();
 * const config = { kind: "resnet_cifar", blocks: 1, imageSize: 32 } as const;
 * const map = encoderPrefix(initEncoder(config, randomStream(0)), tf.zeros([2, 32, 32, 3]), config, 3);
 * if (map.shape.join() !== "2,16,16,32") throw new Error("Expected the second resolution");
 * ```
 */
export function encoderPrefix(
  parameters: EncoderParameters,
  images: tf.Tensor4D,
  config: EncoderConfig,
  count: number,
): tf.Tensor4D | tf.Tensor3D {
  if (count === 0) return images;
  if (isTransformer(config)) {
    const transformer = parameters as VisionTransformerParameters;
    const tokens = embedImages(transformer, images, config);
    return transformerBlocks(transformer.blocks, tokens, config, { to: count }).at(-1)!;
  }
  const stages = convolutionalStages(config);
  return stageMaps(parameters as StagesParameters, images, stages, { to: count }).at(-1)!;
}

/**
 * Computes the features of an encoder: of a transformer the tokens after the final norm, of a
 * convolutional network the places of the last map and their mean.
 *
 * @param images `[batch, height, width, 3]`, normalised.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { encodeImages, initEncoder } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { kind: "resnet_cifar", blocks: 1, imageSize: 32 } as const;
 * const { cls } = encodeImages(initEncoder(config, randomStream(0)), tf.zeros([2, 32, 32, 3]), config);
 * if (cls.shape.join() !== "2,64") throw new Error("Expected the mean over all places");
 * ```
 */
export function encodeImages(
  parameters: EncoderParameters,
  images: tf.Tensor4D,
  config: EncoderConfig,
): EncodedTokens {
  if (isTransformer(config)) {
    return encodeByTransformer(parameters as VisionTransformerParameters, images, config);
  }
  const last = convolutionalStages(config).length - 1;
  const outputs = encoderOutputs(parameters, images, config, { stages: [last] });
  return splitTokens(outputs[last]!);
}

/**
 * The tokens that an encoder's features are, of the raw output of its last stage: a transformer's pass its
 * final norm.
 *
 * @param last `[batch, 1 + patches, width]`
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { finishTokens, initEncoder } from "./encoder.ts";
 * await startEngine();
 * const config = { imageSize: 16, patchSize: 8, width: 4, depth: 1, heads: 1 };
 * const tokens = finishTokens(initEncoder(config, randomStream(0)), tf.ones([1, 5, 4]), config);
 * if (tokens.dataSync()[0] !== 0) throw new Error("Expected tokens around their mean");
 * ```
 */
export function finishTokens(
  parameters: EncoderParameters,
  last: tf.Tensor3D,
  config: EncoderConfig,
): tf.Tensor3D {
  if (!isTransformer(config)) return last;
  return layerNorm((parameters as VisionTransformerParameters).norm, last);
}
