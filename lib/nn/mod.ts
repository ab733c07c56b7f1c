/**
 * Layers as two functions each: `init` draws parameters, the other computes.
 *
 * @module
 */

// The vision transformer
export { type VisionTransformerConfig, type VisionTransformerParameters, initVisionTransformer, visionTransformer, encode, type EncodedTokens, countVisionTransformer, studentGrid, splitTokens } from "./vision_transformer.ts";
export { visionTransformerSizes } from "./vision_transformer_sizes.ts";

// Its parts
export { initAttention, attention } from "./attention.ts";
export { initBlock, block } from "./block.ts";
export { initMlp, mlp } from "./mlp.ts";
export { initSwiglu, swiglu } from "./swiglu.ts";
export { initLayerNorm, layerNorm } from "./layer_norm.ts";
export { initLinear, linear, type LinearParameters } from "./linear.ts";
export { gelu } from "./gelu.ts";
export { quickGelu } from "./quick_gelu.ts";
export { initPatchEmbedding, patchEmbedding } from "./patch_embedding.ts";
export { initConvolutionStem, convolutionStem } from "./convolution_stem.ts";
export { resamplePositions } from "./position.ts";

// Convolutions of frozen networks
export { frozenConvolution, frozenDepthwiseConvolution } from "./frozen_convolution.ts";

// Grids of tokens, and sizes of images
export { type Grid, supervisedGrid, resampleTokens } from "./token_grid.ts";
export { resizeImages } from "./resize.ts";
export { upsampleMaps } from "./upsample.ts";
