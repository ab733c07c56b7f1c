/**
 * The forward pass of vision transformers that were trained by others. Their tensors tell which layers
 * they have; a small config holds the rest.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { attention } from "../nn/attention.ts";
import { type BlockParameters, scaleTokens } from "../nn/block.ts";
import { convolutionStem, type ConvolutionStemParameters } from "../nn/convolution_stem.ts";
import { gelu } from "../nn/gelu.ts";
import { layerNorm, type LayerNormParameters } from "../nn/layer_norm.ts";
import { mlp, type MlpParameters } from "../nn/mlp.ts";
import { patchEmbedding } from "../nn/patch_embedding.ts";
import { type PositionRule, resamplePositions } from "../nn/position.ts";
import { quickGelu } from "../nn/quick_gelu.ts";
import { insertRegisters, removeRegisters } from "../nn/registers.ts";
import { swiglu, type SwigluParameters } from "../nn/swiglu.ts";
import type { Grid } from "../nn/token_grid.ts";
import { type EncodedTokens, splitTokens } from "../nn/vision_transformer.ts";

/** Properties of a frozen transformer that its tensors do not tell. */
export interface FrozenTransformerConfig {
  /** Height and width of a patch, in pixels. */
  readonly patchSize: number;
  /** Width of the tokens. */
  readonly width: number;
  /** Number of blocks. */
  readonly depth: number;
  /** Heads of each attention; their number divides `width`. */
  readonly heads: number;
  /** Rows and columns of the grid on which the positions were learnt. */
  readonly grid: Grid;
  /** How positions are interpolated to other grids. */
  readonly positions: PositionRule;
  /** Added to the variance in every norm. */
  readonly epsilon: number;
  /** Activation of MLPs that are not gated. */
  readonly activation: "gelu" | "quick_gelu";
}

/** A block of a frozen transformer: the student's, or with a gated MLP. */
export type FrozenBlockParameters = Omit<BlockParameters, "mlp"> & {
  readonly mlp: MlpParameters | SwigluParameters;
};

/** Parameters of a frozen transformer; layers that a family does not have are absent. */
export type FrozenTransformerParameters = {
  /** `[1, width]` */
  readonly cls: tf.Tensor2D;
  /** `[1 + patches, width]`, CLS first, or `[patches, width]` where CLS has no position. */
  readonly position: tf.Tensor2D;
  /** `[registers, width]`; they have no positions. */
  readonly registers?: tf.Tensor2D;
  /** `weight [pixels, width]`; CLIP's has no bias. Students of this package may have convolutions. */
  readonly stem:
    | { readonly weight: tf.Tensor2D; readonly bias?: tf.Tensor1D }
    | ConvolutionStemParameters;
  /** Of the tokens before the first block (CLIP). */
  readonly embeddingNorm?: LayerNormParameters;
  readonly blocks: { readonly [index: string]: FrozenBlockParameters };
  /** Of all tokens after the last block. */
  readonly norm?: LayerNormParameters;
  /** Of the mean of the patches, which then stands for CLS (fine-tuned dBOT). */
  readonly meanNorm?: LayerNormParameters;
  /** `[width, projected width]`, into the space that CLIP shares with text. */
  readonly projection?: tf.Tensor2D;
};

/**
 * Computes the CLS and patch tokens of a frozen transformer.
 *
 * @param images `[batch, height, width, 3]`, normalised, whole patches.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { initBlock, initPatchEmbedding } from "@hashigo/hashigo/nn";
 * import { frozenTransformer } from "./frozen_transformer.ts";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * await startEngine();
 * const config = { patchSize: 8, width: 8, depth: 1, heads: 2 }, random = randomStream(0);
 * const { patch } = frozenTransformer({
 *   cls: tf.zeros([1, 8]),
 *   position: tf.zeros([4, 8]),
 *   stem: initPatchEmbedding(config, random),
 *   blocks: { 0: initBlock(config, random) },
 * }, tf.ones([1, 24, 16, 3]), {
 *   ...config,
 *   grid: [2, 2],
 *   positions: { offset: 0, antialias: true },
 *   epsilon: 1e-6,
 *   activation: "gelu",
 * });
 * if (patch.shape.join() !== "1,6,8") throw new Error("Expected 3 x 2 patches");
 * ```
 */
export function frozenTransformer(
  parameters: FrozenTransformerParameters,
  images: tf.Tensor4D,
  config: FrozenTransformerConfig,
): EncodedTokens {
  const { registers, norm, meanNorm, projection } = parameters, { epsilon } = config;
  let x = insertRegisters(embed(parameters, images, config), registers);
  if (parameters.embeddingNorm) x = layerNorm(parameters.embeddingNorm, x, epsilon);
  for (let i = 0; i < config.depth; i++) x = frozenBlock(parameters.blocks[i]!, x, config);
  x = removeRegisters(x, registers?.shape[0] ?? 0);
  const { cls, patch } = splitTokens(norm ? layerNorm(norm, x, epsilon) : x);
  const tokens = meanNorm ? { cls: meanOf(patch, meanNorm, epsilon), patch } : { cls, patch };
  return projection ? project(tokens, projection) : tokens;
}

/** Patches behind CLS, with their positions. */
function embed(
  { cls, position, stem }: FrozenTransformerParameters,
  images: tf.Tensor4D,
  { patchSize, width, grid, positions }: FrozenTransformerConfig,
): tf.Tensor3D {
  const [batch, rows, columns] = images.shape;
  const patches = "stages" in stem ? convolutionStem(stem, images) : patchEmbedding(
    { weight: stem.weight, bias: stem.bias ?? tf.zeros<tf.Rank.R1>([width]) },
    images,
    { patchSize, width },
  );
  const first = tf.tile<tf.Tensor3D>(tf.reshape(cls, [1, 1, width]), [batch, 1, 1]);
  const now: Grid = [rows / patchSize, columns / patchSize];
  const resampled = resamplePositions(position, grid, now, positions);
  const ofCls = resampled.shape[0] > patches.shape[1];
  return ofCls
    ? tf.add(tf.concat3d([first, patches], 1), resampled)
    : tf.concat3d([first, tf.add(patches, resampled)], 1);
}

function frozenBlock(
  { norm1, norm2, scale1, scale2, ...parameters }: FrozenBlockParameters,
  x: tf.Tensor3D,
  config: FrozenTransformerConfig,
): tf.Tensor3D {
  const { epsilon, activation } = config;
  const attended = attention(parameters.attention, layerNorm(norm1, x, epsilon), config);
  const middle = tf.add<tf.Tensor3D>(x, scaleTokens(attended, scale1));
  const inner = layerNorm(norm2, middle, epsilon);
  const transformed = "gates" in parameters.mlp
    ? swiglu(parameters.mlp, inner)
    : mlp(parameters.mlp, inner, activation === "gelu" ? gelu : quickGelu);
  return tf.add(middle, scaleTokens(transformed, scale2));
}

function meanOf(patch: tf.Tensor3D, norm: LayerNormParameters, epsilon: number): tf.Tensor2D {
  return layerNorm<tf.Rank.R2>(norm, tf.mean(patch, 1), epsilon);
}

function project({ cls, patch }: EncodedTokens, projection: tf.Tensor2D): EncodedTokens {
  const [batch, tokens, width] = patch.shape;
  const rows = tf.matMul(tf.reshape<tf.Rank.R2>(patch, [batch * tokens, width]), projection);
  return { cls: tf.matMul(cls, projection), patch: tf.reshape(rows, [batch, tokens, -1]) };
}
