/**
 * The convolutional stem: small convolutions in place of a patch embedding.
 *
 * @source Xiao et al., Early convolutions help transformers see better, 2021.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../tensors/random.ts";
import { UserError } from "../errors/user_error.ts";
import { convolution, initConvolution } from "./convolution.ts";
import { gelu } from "./gelu.ts";
import { initLayerNorm, layerNorm, type LayerNormParameters } from "./layer_norm.ts";
import { initLinear, linear, type LinearParameters } from "./linear.ts";
import type { PatchEmbeddingConfig } from "./patch_embedding.ts";

/** Parameters of a convolutional stem. */
export type ConvolutionStemParameters = {
  /** Stages by number from "0", each of which halves the image. */
  readonly stages: { readonly [stage: string]: StemStageParameters };
  /** Linear layer after the last stage. */
  readonly output: LinearParameters;
};

/** Parameters of one stage of the stem. */
export type StemStageParameters = {
  /** Convolution with stride 2. */
  readonly convolution: LinearParameters;
  /** Norm over the channels. */
  readonly norm: LayerNormParameters;
};

/**
 * Channels after each stage of a stem: as many stages as the patch size has factors of two, the
 * last as wide as the tokens, each half as wide as the next.
 *
 * @throws {UserError} Where the patch size is not a power of two, or the width cannot be halved as
 *   often.
 *
 * @example
 * ```ts
 * import { stemChannels } from "./convolution_stem.ts";
 * const channels = stemChannels({ patchSize: 16, width: 192 });
 * if (channels.join() !== "24,48,96,192") throw new Error("Expected doubling channels");
 * ```
 */
export function stemChannels(config: PatchEmbeddingConfig): number[] {
  const stages = Math.log2(config.patchSize), first = config.width / 2 ** (stages - 1);
  if (!Number.isInteger(stages) || stages < 1 || !Number.isInteger(first)) {
    throw new UserError(
      `Cannot build a convolutional stem for patches of ${config.patchSize} pixels and width ` +
        `${config.width}: each stage halves the picture and doubles the channels. Choose a patch ` +
        "size of 2, 4, 8 or 16 and a width that is divisible by half of it",
    );
  }
  return Array.from({ length: stages }, (_, stage) => first * 2 ** stage);
}

/**
 * Draws the parameters of a convolutional stem.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initConvolutionStem } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const { stages } = initConvolutionStem({ patchSize: 4, width: 8 }, randomStream(0));
 * if (Object.keys(stages).length !== 2) throw new Error("Expected two stages");
 * ```
 */
export function initConvolutionStem(
  config: PatchEmbeddingConfig,
  random: RandomStream,
): ConvolutionStemParameters {
  const channels = stemChannels(config);
  const stages = channels.map((outputs, i) => ({
    convolution: initConvolution({ inputs: channels[i - 1] ?? 3, outputs }, random.at(i)),
    norm: initLayerNorm({ width: outputs }),
  }));
  const { width } = config;
  return {
    stages: Object.fromEntries(stages.entries()),
    output: initLinear({ inputs: width, outputs: width }, random.at("output")),
  };
}

/**
 * Maps images `[batch, height, width, 3]` to patch tokens `[batch, patches, width]` by small
 * convolutions, which help small students: convolution, norm over channels and GELU in each stage,
 * then a linear layer.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { convolutionStem, initConvolutionStem } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const parameters = initConvolutionStem({ patchSize: 4, width: 8 }, randomStream(0));
 * const tokens = convolutionStem(parameters, tf.ones([1, 8, 12, 3]));
 * if (tokens.shape[1] !== 6) throw new Error("Expected 2 x 3 patches");
 * ```
 */
export function convolutionStem(
  parameters: ConvolutionStemParameters,
  images: tf.Tensor4D,
): tf.Tensor3D {
  let x = images;
  const names = Object.keys(parameters.stages).sort((a, b) => Number(a) - Number(b));
  for (const name of names) {
    const stage = parameters.stages[name]!;
    x = gelu(layerNorm(stage.norm, convolution(stage.convolution, x)));
  }
  const [batch, rows, columns, width] = x.shape;
  return linear(parameters.output, tf.reshape<tf.Rank.R3>(x, [batch, rows * columns, width]));
}
