/** The blocks of a vision transformer, one after the other. */
import * as tf from "@tensorflow/tfjs";
import { blockConfigOf, type PrunedBlocks } from "./block_shapes.ts";
import { recompute as computeTwice } from "../tensors/recompute.ts";
import { block, type BlockConfig, type BlockParameters } from "./block.ts";

/** Options of {@linkcode transformerBlocks}. */
export interface TransformerBlocksOptions {
  /** Factors of the residual branches, `[depth, 2, batch]`. Default ones, which drop no branch. */
  readonly dropPath?: tf.Tensor3D | undefined;
  /** First block to compute. Default 0. */
  readonly from?: number | undefined;
  /** Block to end before. Default: all are computed. */
  readonly to?: number | undefined;
  /** Whether the gradient computes each block once more instead of keeping what is inside. Default false. */
  readonly recompute?: boolean | undefined;
}

/**
 * Computes blocks of a transformer: the raw output of each, `[batch, tokens, width]`.
 *
 * @param parameters By number from "0".
 * @param tokens What the first of them takes, `[batch, tokens, width]`.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { initBlock } from "@hashigo/hashigo/nn";
 * import { transformerBlocks } from "./transformer_blocks.ts";
 * await startEngine();
 * const config = { width: 8, heads: 2, depth: 1 };
 * const blocks = { 0: initBlock(config, randomStream(0)) };
 * const outputs = transformerBlocks(blocks, tf.zeros([2, 5, 8]), config);
 * if (outputs[0]?.shape.join() !== "2,5,8") throw new Error("Expected the shape of the tokens");
 * ```
 */
export function transformerBlocks(
  parameters: { readonly [index: string]: BlockParameters },
  tokens: tf.Tensor3D,
  config: BlockConfig & PrunedBlocks & { readonly depth: number },
  options: TransformerBlocksOptions = {},
): tf.Tensor3D[] {
  const { dropPath, from = 0, to = config.depth, recompute = false } = options;
  const batch = tokens.shape[0];
  const outputs: tf.Tensor3D[] = [];
  let x = tokens;
  for (let i = from; i < to; i++) {
    const ofBlock = dropPath &&
      tf.reshape<tf.Rank.R2>(tf.slice(dropPath, [i, 0, 0], [1, 2, batch]), [2, batch]);
    const shape = blockConfigOf(config, i);
    // Absent rather than undefined: a tree of tensors.
    const constants = { ...ofBlock && { dropPath: ofBlock } };
    x = recompute
      ? computeTwice(
        ({ activations: { x }, parameters, constants }) => block(parameters, x, shape, constants),
        { activations: { x }, parameters: parameters[i]!, constants },
      )
      : block(parameters[i]!, x, shape, constants);
    outputs.push(x);
  }
  return outputs;
}
