/**
 * The pre-norm transformer block: `x + s₁ attention(norm₁(x))`, then `x + s₂ mlp(norm₂(x))`, with
 * an optional LayerScale s and stochastic depth.
 *
 * @source Dosovitskiy et al., An image is worth 16x16 words, 2021, equations 2 and 3; Touvron et
 *   al., Going deeper with image transformers, 2021, for LayerScale; Huang et al., Deep networks
 *   with stochastic depth, 2016.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { RandomStream } from "../tensors/random.ts";
import {
  attention,
  type AttentionConfig,
  type AttentionParameters,
  initAttention,
} from "./attention.ts";
import { initLayerNorm, layerNorm, type LayerNormParameters } from "./layer_norm.ts";
import { initMlp, mlp, type MlpParameters } from "./mlp.ts";

/** Parameters of a transformer block. */
export type BlockParameters = {
  /** Norm before attention. */
  readonly norm1: LayerNormParameters;
  /** First branch. */
  readonly attention: AttentionParameters;
  /** Norm before the MLP. */
  readonly norm2: LayerNormParameters;
  /** Second branch. */
  readonly mlp: MlpParameters;
  /** LayerScale of attention, `[width]`; ones where it is missing. */
  readonly scale1?: tf.Tensor1D;
  /** LayerScale of the MLP, `[width]`; ones where it is missing. */
  readonly scale2?: tf.Tensor1D;
};

/** Shape of a transformer block. */
export interface BlockConfig extends AttentionConfig {
  /** Hidden width of the MLP in units of `width`; default 4. */
  readonly mlpRatio?: number | undefined;
  /** Hidden width of the MLP. Default: what `mlpRatio` gives. */
  readonly hidden?: number | undefined;
  /** Initial value of LayerScale, such as 1e-4; default no LayerScale. */
  readonly layerScale?: number | undefined;
}

/** Hidden width of a block's MLP; a ratio such as 221 / 96 times the width is whole but for rounding. */
export function hiddenWidth(
  { width, mlpRatio = 4, hidden }: Pick<BlockConfig, "width" | "mlpRatio" | "hidden">,
): number {
  return hidden ?? Math.round(width * mlpRatio);
}

/**
 * Draws the parameters of a transformer block.
 *
 * @example
 * ```ts
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initBlock } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const { mlp } = initBlock({ width: 8, heads: 2 }, randomStream(0));
 * if (mlp.hidden.weight.shape[1] !== 32) throw new Error("Expected four times the width");
 * ```
 */
export function initBlock(config: BlockConfig, random: RandomStream): BlockParameters {
  const { width, layerScale } = config;
  const shape = { inputs: width, hidden: hiddenWidth(config), outputs: width };
  return {
    norm1: initLayerNorm(config),
    attention: initAttention(config, random.at("attention")),
    norm2: initLayerNorm(config),
    mlp: initMlp(shape, random.at("mlp")),
    // Parameters have no undefined entries, so those of no LayerScale must be absent.
    ...layerScale !== undefined && {
      scale1: tf.fill<tf.Rank.R1>([width], layerScale),
      scale2: tf.fill<tf.Rank.R1>([width], layerScale),
    },
  };
}

/**
 * Computes a pre-norm transformer block, `[batch, tokens, width]` to the same: attention, then an
 * MLP, each scaled where there is a LayerScale and added to its input.
 *
 * @param options dropPath: factors of each image's two branches (stochastic depth), `[2, batch]`;
 *   default ones.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { block, initBlock } from "@hashigo/hashigo/nn";
 * await startEngine();
 * const config = { width: 8, heads: 2 };
 * const x = tf.ones<tf.Rank.R3>([1, 5, 8]);
 * const y = block(initBlock(config, randomStream(0)), x, config, { dropPath: tf.zeros([2, 1]) });
 * if ((await y.data())[0] !== 1) throw new Error("Dropped branches leave the input");
 * ```
 */
export function block(
  parameters: BlockParameters,
  x: tf.Tensor3D,
  config: BlockConfig,
  options: { readonly dropPath?: tf.Tensor2D | undefined } = {},
): tf.Tensor3D {
  const { dropPath } = options;
  const scaleBranch = (branch: tf.Tensor3D, index: number): tf.Tensor3D => {
    if (dropPath === undefined) return branch;
    const batch = branch.shape[0];
    return tf.mul(branch, tf.reshape(tf.slice(dropPath, [index, 0], [1, batch]), [batch, 1, 1]));
  };
  const { norm1, norm2, scale1, scale2 } = parameters;
  const attended = attention(parameters.attention, layerNorm(norm1, x), config);
  const middle = tf.add<tf.Tensor3D>(x, scaleBranch(scaleTokens(attended, scale1), 0));
  const transformed = mlp(parameters.mlp, layerNorm(norm2, middle));
  return tf.add(middle, scaleBranch(scaleTokens(transformed, scale2), 1));
}

/**
 * Computes LayerScale: multiplies each feature of `[batch, tokens, width]` by a learnt number.
 *
 * @param scale The numbers, `[width]`; without them the tokens are returned as they are.
 * @source Touvron et al., Going deeper with image transformers, 2021.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { scaleTokens } from "./block.ts";
 * await startEngine();
 * const y = scaleTokens(tf.tensor3d([[[3, 5]]]), tf.tensor1d([2, 0]));
 * if ((await y.data()).join() !== "6,0") throw new Error("Expected products");
 * ```
 */
export function scaleTokens(tokens: tf.Tensor3D, scale: tf.Tensor1D | undefined): tf.Tensor3D {
  return scale === undefined ? tokens : tf.mul(tokens, scale);
}
