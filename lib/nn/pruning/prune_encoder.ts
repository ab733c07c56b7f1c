/** Prunes an encoder: heads and hidden units of a transformer, channels inside the blocks of a convolutional network. */
import * as tf from "@tensorflow/tfjs";
import { UserError } from "../../errors/user_error.ts";
import { fromNamedTensors, namedTensors } from "../../tensors/parameters.ts";
import { blockConfigOf } from "../block_shapes.ts";
import { block as runBlock } from "../block.ts";
import { hiddenWidthOf } from "../convolutional/hidden_widths.ts";
import {
  type ConvolutionalConfig,
  convolutionalStages,
} from "../convolutional/convolutional_config.ts";
import { runStage } from "../convolutional/stage.ts";
import type { StagesParameters } from "../convolutional/network.ts";
import { type EncoderConfig, type EncoderParameters, isTransformer } from "../encoder.ts";
import {
  embedImages,
  type VisionTransformerConfig,
  type VisionTransformerParameters,
} from "../vision_transformer.ts";
import { allocate } from "./allocate.ts";
import { nextBatches } from "./next_batches.ts";
import { pruneBlock, rankBlock, widthsOf } from "./prune_block.ts";
import { pruneStage, type RankedBlock, rankStage } from "./prune_stages.ts";
import { checkWidth, keptHeads, roundedWidth } from "./pruned_width.ts";

/** Options of {@linkcode pruneEncoder}. */
export interface PruneEncoderOptions {
  /** Share that goes, between 0 and 1: of each block's heads, and of what all hidden channels together compute. */
  readonly share: number;
  /** From {@linkcode rankEncoder}, of the same parameters and images. */
  readonly ranking: readonly RankedBlock[];
  /** Whether what stays takes over what it can of what goes. Default true. */
  readonly compensated?: boolean | undefined;
  /** Gets the number of stages that are done, and of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** An encoder that was pruned. */
export interface PrunedEncoder {
  readonly config: EncoderConfig;
  /** Owned by the caller. */
  readonly parameters: EncoderParameters;
}

/**
 * Refuses a share that cannot be pruned of an encoder.
 *
 * @throws {UserError} Where it is not between 0 and 1, or leaves a block no heads or no channels.
 *
 * @example
 * ```ts
 * import { checkShare } from "./prune_encoder.ts";
 * let refused = "";
 * try {
 *   checkShare({ imageSize: 16, patchSize: 8, width: 64, depth: 2, heads: 2 }, 0.9);
 * } catch (error) {
 *   refused = String(error);
 * }
 * if (!refused.includes("of 2 heads none would be left")) throw new Error(refused);
 * ```
 */
export function checkShare(config: EncoderConfig, share: number): void {
  if (!(share > 0 && share < 1)) {
    throw new UserError(
      `Cannot prune a share of ${share}: expected a number above 0 and below 1, such as 0.25`,
    );
  }
  if (isTransformer(config)) {
    for (let i = 0; i < config.depth; i++) {
      const own = widthsOf(blockConfigOf(config, i)), what = `block ${i}`;
      keptHeads(own, share, what);
      checkWidth(own.hidden, share, what);
    }
  } else {
    for (const [i, stage] of convolutionalStages(config).entries()) {
      const width = hiddenWidthOf(stage);
      if (width !== undefined) checkWidth(width, share, `stage ${i}`);
    }
  }
}

/**
 * Orders the hidden channels of every block by how much its outputs would miss them.
 *
 * @param parameters Borrowed.
 * @param images Batches `[batch, height, width, 3]`, normalised; borrowed.
 * @returns One for each block that has channels of its own.
 * @throws {UserError} Where activations are not finite.
 */
export async function rankEncoder(
  parameters: EncoderParameters,
  config: EncoderConfig,
  images: readonly tf.Tensor4D[],
  { onProgress }: Pick<PruneEncoderOptions, "onProgress"> = {},
): Promise<RankedBlock[]> {
  const ranking: RankedBlock[] = [];
  if (isTransformer(config)) {
    const { blocks, ...others } = parameters as VisionTransformerParameters;
    let tokens = embedded({ blocks, ...others }, config, images);
    for (let i = 0; i < config.depth; i++) {
      const shape = blockConfigOf(config, i);
      ranking.push(await rankBlock(blocks[i]!, shape, tokens));
      tokens = nextBatches(tokens, (batch) => runBlock(blocks[i]!, batch, shape));
      onProgress?.(i + 1, config.depth);
    }
    tf.dispose(tokens);
    return ranking;
  }
  const stages = convolutionalStages(config), own = (parameters as StagesParameters).stages;
  let maps = images.map((batch) => tf.clone(batch));
  for (const [i, stage] of stages.entries()) {
    const ranked = await rankStage(own[i]!, stage, maps);
    if (ranked !== undefined) ranking.push(ranked);
    maps = nextBatches(maps, (batch) => runStage(own[i]!, batch, stage));
    onProgress?.(i + 1, stages.length);
  }
  tf.dispose(maps);
  return ranking;
}

/**
 * Prunes every block, one after the other: each is fitted to what the pruned blocks before it give of unlabelled
 * images. The encoder's own width stays, and with it that of its features.
 *
 * @param parameters Borrowed.
 * @param images Batches `[batch, height, width, 3]`, normalised; borrowed.
 * @throws {UserError} As {@linkcode checkShare}, or where activations are not finite.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { startEngine } from "@hashigo/hashigo/engine";
 * import { initEncoder } from "@hashigo/hashigo/nn";
 * import { randomStream } from "@hashigo/hashigo/tensors";
 * import { pruneEncoder, rankEncoder } from "./prune_encoder.ts";
 * await startEngine();
 * const config = { imageSize: 16, patchSize: 8, width: 16, depth: 2, heads: 4 };
 * const parameters = initEncoder(config, randomStream(0));
 * const images = [tf.randomNormal<tf.Rank.R4>([8, 16, 16, 3], 0, 1, "float32", 0)];
 * const ranking = await rankEncoder(parameters, config, images);
 * const pruned = await pruneEncoder(parameters, config, images, { share: 0.5, ranking });
 * if (!("headCounts" in pruned.config) || pruned.config.headCounts?.join() !== "2,2") throw new Error();
 * ```
 */
export async function pruneEncoder(
  parameters: EncoderParameters,
  config: EncoderConfig,
  images: readonly tf.Tensor4D[],
  options: PruneEncoderOptions,
): Promise<PrunedEncoder> {
  checkShare(config, options.share);
  const gone = allocate(options.ranking, options.share);
  // Of each block and each of its layers the channels that stay.
  const kept = options.ranking.map(({ orders, harm: { length } }, i) => {
    const count = roundedWidth(length - gone[i]!, length);
    return orders.map((order) => order.slice(length - count).toSorted((a, b) => a - b));
  });
  return isTransformer(config)
    ? await pruneTransformer(parameters as VisionTransformerParameters, config, images, {
      ...options,
      kept: kept.map(([own]) => own!),
    })
    : await pruneConvolutional(parameters as StagesParameters, config, images, {
      ...options,
      kept,
    });
}

function embedded(
  parameters: VisionTransformerParameters,
  config: VisionTransformerConfig,
  images: readonly tf.Tensor4D[],
): tf.Tensor3D[] {
  return images.map((batch) => tf.tidy(() => embedImages(parameters, batch, config)));
}

async function pruneTransformer(
  parameters: VisionTransformerParameters,
  config: VisionTransformerConfig,
  images: readonly tf.Tensor4D[],
  { share, kept, compensated, onProgress }: PruneEncoderOptions & {
    readonly kept: readonly (readonly number[])[];
  },
): Promise<PrunedEncoder> {
  let tokens = embedded(parameters, config, images);
  const blocks: VisionTransformerParameters["blocks"][string][] = [];
  const heads: { readonly heads: number; readonly queryWidth: number }[] = [];
  for (let i = 0; i < config.depth; i++) {
    const shape = blockConfigOf(config, i);
    const widths = keptHeads(widthsOf(shape), share, `block ${i}`);
    const own = { widths, kept: kept[i]!, compensated };
    const block = await pruneBlock(parameters.blocks[i]!, shape, tokens, own);
    tokens = nextBatches(tokens, (batch) => runBlock(block.parameters, batch, block.config));
    blocks.push(block.parameters);
    heads.push(widths);
    onProgress?.(i + 1, config.depth);
  }
  tf.dispose(tokens);
  const { blocks: _blocks, ...others } = parameters;
  const copied = namedTensors(others).map(([name, tensor]) => [name, tf.clone(tensor)] as const);
  return {
    config: {
      ...config,
      hiddenWidths: kept.map(({ length }) => length),
      headCounts: heads.map(({ heads }) => heads),
      queryWidths: heads.map(({ queryWidth }) => queryWidth),
    },
    parameters: {
      ...fromNamedTensors(copied) as typeof others,
      blocks: Object.fromEntries(blocks.entries()),
    },
  };
}

async function pruneConvolutional(
  parameters: StagesParameters,
  config: ConvolutionalConfig,
  images: readonly tf.Tensor4D[],
  { kept, compensated, onProgress }: PruneEncoderOptions & {
    readonly kept: readonly (readonly (readonly number[])[])[];
  },
): Promise<PrunedEncoder> {
  const hiddenWidths = kept.map(([own]) => own!.length);
  const pruned = { ...config, hiddenWidths };
  const [from, to] = [convolutionalStages(config), convolutionalStages(pruned)];
  const copies = () => images.map((batch) => tf.clone(batch));
  let [maps, full, next] = [copies(), copies(), 0];
  const stages: [string, StagesParameters["stages"][string]][] = [];
  for (const [i, stage] of from.entries()) {
    const channels = hiddenWidthOf(stage) === undefined ? [] : kept[next++]!;
    const before = parameters.stages[i]!;
    full = nextBatches(full, (batch) => runStage(before, batch, stage));
    const own = await pruneStage(before, stage, maps, {
      kept: channels,
      targets: full,
      compensated,
    });
    maps = nextBatches(maps, (batch) => runStage(own, batch, to[i]!));
    stages.push([`${i}`, own]);
    onProgress?.(i + 1, from.length);
  }
  tf.dispose([...maps, ...full]);
  return { config: pruned, parameters: { stages: Object.fromEntries(stages) } };
}
