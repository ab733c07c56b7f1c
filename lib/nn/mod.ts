/**
 * Layers as two functions each: `init` draws parameters, the other computes.
 *
 * @module
 */

// The vision transformer
export {
  encode,
  type EncodedTokens,
  initVisionTransformer,
  splitTokens,
  visionTransformer,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "./vision_transformer.ts";
export { countVisionTransformer } from "./parameter_shapes.ts";
export { visionTransformerSizes } from "./vision_transformer_sizes.ts";

// The networks that a student can be
export {
  encodeImages,
  type EncoderConfig,
  encoderOutputs,
  type EncoderParameters,
  encoderStages,
  initEncoder,
  type StageShape,
} from "./encoder.ts";

// Parts of the transformer
export { attention, initAttention } from "./attention.ts";
export { block, initBlock } from "./block.ts";
export { initMlp, mlp } from "./mlp.ts";
export { swiglu } from "./swiglu.ts";
export { initLayerNorm, layerNorm } from "./layer_norm.ts";
export { initLinear, linear, type LinearParameters } from "./linear.ts";
export { gelu } from "./gelu.ts";
export { quickGelu } from "./quick_gelu.ts";
export { initPatchEmbedding, patchEmbedding } from "./patch_embedding.ts";
export { convolutionStem, initConvolutionStem } from "./convolution_stem.ts";
export { resamplePositions } from "./position.ts";

// Grids of tokens, and sizes of images
export { type Grid, resampleTokens, supervisedGrid } from "./token_grid.ts";
export { resizeImages } from "./resize.ts";
export { upsampleMaps } from "./upsample.ts";
