/**
 * The vision transformer: a stem makes patch tokens, to which CLS and positions are added; blocks
 * and a final norm follow.
 *
 * @source Dosovitskiy et al., An image is worth 16x16 words, 2021, equations 1 to 4.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkShape } from "../tensors/check_shape.ts";
import type { RandomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import { type BlockParameters, initBlock } from "./block.ts";
import { blockConfigOf, blockMisfit, type PrunedBlocks } from "./block_shapes.ts";
import {
  convolutionStem,
  type ConvolutionStemParameters,
  initConvolutionStem,
} from "./convolution_stem.ts";
import { type Initialization, scaleInitialization } from "./initialization.ts";
import { initLayerNorm, layerNorm, type LayerNormParameters } from "./layer_norm.ts";
import { type LinearParameters, truncatedNormal } from "./linear.ts";
import { checkPatches, initPatchEmbedding, patchEmbedding } from "./patch_embedding.ts";
import { resamplePositions } from "./position.ts";
import { insertRegisters, removeRegisters } from "./registers.ts";
import type { Grid } from "./token_grid.ts";
import { transformerBlocks } from "./transformer_blocks.ts";

/** Shape of a vision transformer. */
export interface VisionTransformerConfig extends PrunedBlocks {
  /** Height and width of the images in training, in pixels. */
  readonly imageSize: number;
  /** Height and width of a patch, in pixels; divides `imageSize`. */
  readonly patchSize: number;
  /** Width of the tokens. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Number of attention heads; divides `width`. */
  readonly heads: number;
  /** Hidden width of the MLPs in units of `width`; default 4. */
  readonly mlpRatio?: number;
  /**
   * Rate of stochastic depth in the last block, rising linearly from 0 in the first; default 0.1.
   */
  readonly dropPath?: number;
  /** Number of learnt tokens beside CLS and patches that are not in the output; default 0. */
  readonly registers?: number;
  /** Initial value of the LayerScale of every branch, such as 1e-4; default no LayerScale. */
  readonly layerScale?: number;
  /** Layer from pixels to tokens: one linear layer (default) or small convolutions. */
  readonly stem?: "patch" | "convolution";
  /** Initial deviation of matrices; default `"fixed"`, the reference's. */
  readonly initialization?: Initialization;
}

/** Parameters of a vision transformer. Its names are those of the student's file. */
export type VisionTransformerParameters = {
  /** Initial CLS token, `[1, width]`. */
  readonly cls: tf.Tensor2D;
  /** Position embedding, `[1 + patches, width]`, CLS first. */
  readonly position: tf.Tensor2D;
  /** Initial registers, `[registers, width]`, where there are any. */
  readonly registers?: tf.Tensor2D;
  /** Patch embedding or convolutional stem. */
  readonly stem: LinearParameters | ConvolutionStemParameters;
  /** Blocks by number from "0". */
  readonly blocks: { readonly [index: string]: BlockParameters };
  /** Norm after the last block. */
  readonly norm: LayerNormParameters;
};

/** CLS token `[batch, width]` and patch tokens `[batch, patches, width]` after the final norm. */
export type EncodedTokens = { readonly cls: tf.Tensor2D; readonly patch: tf.Tensor3D };

/**
 * Draws the parameters of a vision transformer: truncated normal of standard deviation 0.02 for
 * matrices and positions, normal of 1e-6 for CLS and registers, zero biases.
 *
 * @throws {UserError} Where `patchSize` does not divide `imageSize`, or `heads` does not divide
 *   `width`.
 * @source UNIC, reference defaults.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initVisionTransformer } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { imageSize: 32, patchSize: 8, width: 16, depth: 2, heads: 2 };
 * const { position } = initVisionTransformer(config, randomStream(0));
 * if (position.shape[0] !== 17) throw new Error("Expected CLS and 16 patches");
 * ```
 */
export function initVisionTransformer(
  config: VisionTransformerConfig,
  random: RandomStream,
): VisionTransformerParameters {
  checkVisionTransformer(config);
  const { width, depth } = config, [rows, columns] = studentGrid(config);
  const blocks = Array.from(
    { length: depth },
    (_, i) => initBlock(blockConfigOf(config, i), random.at("blocks", i)),
  );
  const tokens = (count: number, stream: RandomStream) =>
    tf.tensor2d(stream.normal(count * width).map((value) => value * 1e-6), [count, width]);
  const parameters = {
    cls: tokens(1, random.at("cls")),
    // Parameters have no undefined entries, so those of no registers must be absent.
    ...config.registers && { registers: tokens(config.registers, random.at("registers")) },
    position: truncatedNormal([1 + rows * columns, width], random.at("position")),
    stem: config.stem === "convolution"
      ? initConvolutionStem(config, random.at("stem"))
      : initPatchEmbedding(config, random.at("stem")),
    blocks: Object.fromEntries(blocks.entries()),
    norm: initLayerNorm(config),
  };
  return config.initialization === "scaled" ? scaleInitialization(parameters) : parameters;
}

/**
 * Computes the raw output of every block, `[batch, 1 + patches, width]` each, CLS first and not
 * normalised: the inputs of the ladder. Registers take part in every block and are left out here.
 *
 * @param images `[batch, height, width, 3]`, normalised. Other sizes than `imageSize` are allowed
 *   where patches fit: positions are interpolated.
 * @param options dropPath: factors of the residual branches, `[depth, 2, batch]`, from
 *   `drawDropPath`; default ones, which drop no branch.
 * @throws {UserError} Where the images are not whole patches.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initVisionTransformer, visionTransformer } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { imageSize: 32, patchSize: 8, width: 16, depth: 2, heads: 2 };
 * const parameters = initVisionTransformer(config, randomStream(0));
 * const outputs = visionTransformer(parameters, tf.zeros([1, 32, 32, 3]), config);
 * if (outputs[1]?.shape.join() !== "1,17,16") throw new Error("Expected CLS and 16 patches");
 * ```
 */
export function visionTransformer(
  parameters: VisionTransformerParameters,
  images: tf.Tensor4D,
  config: VisionTransformerConfig,
  options: { readonly dropPath?: tf.Tensor3D | undefined } = {},
): tf.Tensor3D[] {
  const tokens = embedImages(parameters, images, config);
  return transformerBlocks(parameters.blocks, tokens, config, options)
    .map((output) => removeRegisters(output, config.registers ?? 0));
}

/**
 * Computes the features of a trained encoder: the tokens of the last block after the final norm.
 *
 * @param images `[batch, height, width, 3]`, normalised.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { encode, initVisionTransformer } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { imageSize: 32, patchSize: 8, width: 16, depth: 2, heads: 2 };
 * const parameters = initVisionTransformer(config, randomStream(0));
 * const { cls } = encode(parameters, tf.zeros([1, 32, 32, 3]), config);
 * if (cls.shape.join() !== "1,16") throw new Error("Expected one CLS token");
 * ```
 */
export function encode(
  parameters: VisionTransformerParameters,
  images: tf.Tensor4D,
  config: VisionTransformerConfig,
): EncodedTokens {
  const last = visionTransformer(parameters, images, config).at(-1)!;
  return splitTokens(layerNorm(parameters.norm, last));
}

/**
 * Splits tokens `[batch, 1 + patches, width]` into CLS and patches, of which there may be none.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { splitTokens } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const { cls, patch } = splitTokens(tf.zeros([2, 5, 8]));
 * if (cls.shape.join() !== "2,8" || patch.shape[1] !== 4) throw new Error("Expected 1 + 4 tokens");
 * ```
 */
export function splitTokens(tokens: tf.Tensor3D): EncodedTokens {
  checkShape("tokens", tokens, ["batch", "1 + patches", "width"]);
  const [batch, count, width] = tokens.shape;
  if (count === 1) {
    return { cls: tf.reshape(tokens, [batch, width]), patch: tf.zeros([batch, 0, width]) };
  }
  const [cls, patch] = tf.split(tokens, [1, count - 1], 1) as [tf.Tensor3D, tf.Tensor3D];
  return { cls: tf.reshape(cls, [batch, width]), patch };
}

/**
 * The grid of patch tokens at the training size.
 *
 * @example
 * ```ts
 * import { studentGrid } from "./vision_transformer.ts";
 * const config = { imageSize: 64, patchSize: 8, width: 192, depth: 12, heads: 3 };
 * if (studentGrid(config).join() !== "8,8") throw new Error("Expected 8 x 8 patches");
 * ```
 */
export function studentGrid(config: VisionTransformerConfig): Grid {
  const side = config.imageSize / config.patchSize;
  return [side, side];
}

/** Computes the tokens `[batch, 1 + registers + patches, width]` that the first block takes. */
export function embedImages(
  parameters: VisionTransformerParameters,
  images: tf.Tensor4D,
  config: VisionTransformerConfig,
): tf.Tensor3D {
  checkPatches(images, config.patchSize, config.imageSize);
  const [batch, height, width] = images.shape, size = config.patchSize;
  const { stem } = parameters;
  const patches = "stages" in stem
    ? convolutionStem(stem, images)
    : patchEmbedding(stem, images, config);
  const cls = tf.tile<tf.Tensor3D>(tf.reshape(parameters.cls, [1, 1, config.width]), [batch, 1, 1]);
  const position = resamplePositions(
    parameters.position,
    studentGrid(config),
    [height / size, width / size],
  );
  const tokens = tf.add<tf.Tensor3D>(tf.concat3d([cls, patches], 1), position);
  return insertRegisters(tokens, parameters.registers);
}

/**
 * Refuses a shape that no vision transformer can have.
 *
 * @throws {UserError} Where `patchSize` does not divide `imageSize`, or `heads` does not divide
 *   `width`, or a number is out of range.
 *
 * @example
 * ```ts
 * import { checkVisionTransformer } from "./vision_transformer.ts";
 * checkVisionTransformer({ imageSize: 32, patchSize: 8, width: 16, depth: 2, heads: 2 });
 * ```
 */
export function checkVisionTransformer(config: VisionTransformerConfig): void {
  const { imageSize, patchSize, width, heads, depth, registers = 0 } = config;
  const fault = imageSize % patchSize !== 0
    ? `${imageSize} pixels are not whole patches of ${patchSize}`
    : width % heads !== 0
    ? `width ${width} does not divide into ${heads} heads`
    : !(depth >= 1)
    ? `depth is ${depth}, expected at least one block`
    : !(Number.isSafeInteger(registers) && registers >= 0)
    ? `registers are ${registers}, expected a whole number`
    : blockMisfit(config);
  if (fault) {
    throw new UserError(
      `Cannot build a vision transformer: ${fault}. Choose imageSize as a multiple of patchSize, ` +
        "width as a multiple of heads, and a positive depth",
    );
  }
}
